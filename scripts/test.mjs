/**
 * Runs the tests and adds up their counts:
 *
 *   node scripts/test.mjs [--all] [--full] [--node N] [SUITE | FILE | FOLDER]... [mocha's options]
 *
 * Without a suite or file: host and kernel tests at the same time, as users run them. The suites are
 * in scripts/test/suites.mjs.
 *
 *   --all     what takes long instead: fault rows at full length, emulated controllers, packages, other
 *             versions of Node
 *   --full    every row at full length, as tables
 *   --node N  with another major version of Node
 *   --watch   runs host tests again whenever a file changes
 *
 * Kernel tests need CAN and root: they run on this machine if it has both, else in the guest that
 * scripts/can-guest.sh boots. Where neither is possible, the tests are listed and count as skipped; with
 * CI=true they count as failed.
 *
 * The last line is `N passed, N failed, N skipped`. A suite that crashes counts as one failure.
 */
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeVersions } from './node-versions.mjs';
import { compile } from './test/compile.mjs';
import { runJobs } from './test/jobs.mjs';
import { jobsOf } from './test/plan.mjs';
import { parse } from './test/arguments.mjs';
import { Total } from './test/total.mjs';
import { watch } from './test/watch.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const request = parse(process.argv.slice(2));
if (request.watch) await watch(request);
else {
  const total = new Total();
  await compile();
  mkdirSync('build/counts', { recursive: true });
  if (request.otherNodes) {
    const { paths, missing } = await nodeVersions({ fetchMissing: true });
    process.env.SOCKETCAN_NODES = JSON.stringify(paths);
    for (const version of missing) total.fail(`Node ${version} could not be fetched`);
  }
  // Two guests use one CPU each; the host's tests mostly wait for processes.
  await runJobs(await jobsOf(request, total), request.all ? availableParallelism() : 3);
  total.print();
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}
