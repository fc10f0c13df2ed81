/**
 * Makes dist/: three files of JavaScript, and the declarations of what is public. A module of its own for each source
 * file is what takes the time and the memory of loading (docs/performance.md).
 */
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const { resolve } = createRequire(import.meta.url);
rmSync('dist', { recursive: true, force: true });

execFileSync(process.execPath, [resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});

await build({
  absWorkingDir: root,
  entryPoints: {
    index: 'src/index.ts',
    // Looked for beside whatever file starts it.
    thread: 'src/poller/thread.ts',
    bin: 'src/cli/main/bin.ts',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  external: ['koffi', 'socketcan-ffi/package.json'],
  // ref-struct-di's only use of it is to tell of each structure; Node has the same built in.
  alias: { debug: './scripts/debug.cjs' },
  sourcemap: 'linked',
  // The sources are published beside them.
  sourcesContent: false,
  logLevel: 'warning',
});
chmodSync('dist/bin.js', 0o755);
copyFileSync(join(dirname(resolve('ref-struct-di/package.json')), 'LICENSE'), 'dist/ref-struct-di.LICENSE');
