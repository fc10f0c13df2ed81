import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built } from './venue.mjs';

const bench = dirname(dirname(fileURLToPath(import.meta.url)));
const cc = process.env.CC ?? 'cc';

function compile(output, sources, flags) {
  const files = [...sources, 'bench.h'].map((name) => join(bench, 'c', name));
  const target = join(built, output);
  const made = existsSync(target) ? statSync(target).mtimeMs : 0;
  if (files.every((file) => statSync(file).mtimeMs < made)) return;
  const args = ['-O2', '-Wall', '-Wextra', '-o', target, join(bench, 'c', sources[0]), ...flags];
  execFileSync(cc, args, { stdio: 'inherit' });
}

/** The C programs, and this package, as they are now. */
export function build({ library = true } = {}) {
  mkdirSync(built, { recursive: true });
  compile('feeder', ['feeder.c'], ['-lpthread']);
  compile('receive', ['receive.c'], ['-lpthread']);
  compile('send', ['send.c'], []);
  compile('rusage', ['rusage.c'], []);
  compile('af_unix_shim.so', ['af_unix_shim.c'], ['-shared', '-fPIC', '-ldl']);
  if (library) {
    const script = join(bench, '..', 'scripts', 'build.mjs');
    execFileSync(process.execPath, [script], { stdio: 'inherit' });
  }
}

/**
 * npm `socketcan`, into bench/.peers: no dependency of this package. Its addon is compiled by node-gyp, which
 * needs g++, make, python3 and Node's headers (of Debian's nodejs: npm's setting nodedir=/usr).
 */
export function installPeers() {
  const peers = join(bench, '.peers');
  if (existsSync(join(peers, 'node_modules', 'socketcan', 'build', 'Release', 'can.node'))) return;
  mkdirSync(peers, { recursive: true });
  const manifest = { private: true, allowScripts: { socketcan: true } };
  writeFileSync(join(peers, 'package.json'), `${JSON.stringify(manifest)}\n`);
  try {
    /** @type {import('node:child_process').ExecFileSyncOptions} */
    const options = { cwd: peers, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 };
    execFileSync('npm', ['install', '--no-save', 'socketcan@4'], options);
  } catch (error) {
    console.error(`npm socketcan could not be installed:\n${error.stderr ?? error.message}`);
  }
}
