/**
 * Runs `npm test` next to four busy loops, as on a machine that has other work:
 *
 *   node scripts/test-busy.mjs [--runs 3] [--loops 4] [arguments of scripts/test.mjs...]
 *
 * The status is 1 if any run had a failure. The last line adds up the counts of all runs.
 */
import { fileURLToPath } from 'node:url';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { run } from './run.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const args = process.argv.slice(2);

/** Takes an option with its value out of the arguments. */
function take(name, fallback) {
  const at = args.indexOf(name);
  const value = at < 0 ? fallback : Number(args.splice(at, 2)[1]);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`${name} must be a whole number`);
  process.exit(2);
}

const runs = take('--runs', 3);
const loops = take('--loops', 4);
// Threads of this process: they end with it, however it ends.
for (let i = 0; i < loops; i++) new Worker('for (;;);', { eval: true }).unref();

const counts = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
for (let number = 1; number <= runs; number++) {
  const begin = performance.now();
  let tail = '';
  const { status } = await run(process.execPath, ['scripts/test.mjs', ...args], {
    stopMs: 10_000,
    output: (chunk) => {
      process.stdout.write(chunk);
      tail = (tail + chunk.toString()).slice(-2000);
    },
  });
  const seconds = Math.round((performance.now() - begin) / 1000);
  const [, passed, failed, skipped] = /^(\d+) passed, (\d+) failed, (\d+) skipped\s*$/m.exec(tail) ?? [];
  counts.passed += Number(passed ?? 0);
  counts.failed += Number(failed ?? 0) || (status === 0 ? 0 : 1);
  counts.skipped += Number(skipped ?? 0);
  lines.push(`run ${number}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s`);
}
// The counts of a single run stand above.
if (runs > 1) {
  console.log(`\nNext to ${loops} busy loops:\n${lines.join('\n')}`);
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
}
process.exit(counts.failed > 0 ? 1 : 0);
