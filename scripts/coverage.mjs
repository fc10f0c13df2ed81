/**
 * Runs the tests, host and kernel, and says which lines of src/ they have run, all together: those of the
 * receiving thread, of the processes that tests start, and of the guest, too.
 *
 *   node scripts/coverage.mjs [arguments of scripts/test.mjs...]
 *
 * V8 writes what was run at the end of each process and thread into coverage/tmp, which the guest shares
 * with this machine; c8 adds it up, as text and as coverage/lcov.info. Processes that are killed write
 * nothing.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const temporary = join(root, 'coverage', 'tmp');
rmSync('coverage', { recursive: true, force: true });
mkdirSync(temporary, { recursive: true });

const tests = ['scripts/test.mjs', ...process.argv.slice(2)];
const { status } = await run(process.execPath, tests, {
  env: { NODE_V8_COVERAGE: temporary },
  stopMs: 10_000,
});

const c8 = createRequire(import.meta.url).resolve('c8/bin/c8.js');
const report = await run(process.execPath, [
  c8,
  'report',
  `--temp-directory=${temporary}`,
  '--reports-dir=coverage',
  '--exclude-after-remap',
  '--include=src/**',
  '--reporter=text',
  '--reporter=lcovonly',
]);
process.exitCode = status === 0 && report.status === 0 ? 0 : 1;
