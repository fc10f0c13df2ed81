/**
 * Compiles sources, tests and examples to build/, file by file and without checking types (`npm run
 * typecheck` does): ts-node takes a second per process and thread, and longer in the guest.
 */
import { build } from 'esbuild';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { ROOT } from './suites.mjs';

const FOLDERS = ['src', 'test', 'examples'];

export async function compile() {
  rmSync('build', { recursive: true, force: true });
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => `${folder}/${name}`),
  );
  await build({
    absWorkingDir: ROOT,
    entryPoints: sources,
    outdir: 'build',
    outbase: '.',
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'linked',
    logLevel: 'warning',
  });
  cpSync('test', 'build/test', { recursive: true, filter: (path) => !path.endsWith('.ts') });
}
