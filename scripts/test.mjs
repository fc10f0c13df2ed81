/**
 * Runs the tests and adds them up:
 *
 *   node scripts/test.mjs [--kernel-only | --host-only | --faults] [--require-kernel] [mocha's options...]
 *
 * The tests are compiled first: ts-node takes a second a process and a thread, and much longer in the
 * guest. The host tests run anywhere. The kernel tests (test/kernel/) need CAN in
 * the kernel and root: they run here when this machine has both, else in the guest that
 * scripts/can-guest.sh boots. Where neither is possible they are listed and counted as skipped;
 * with --require-kernel or CI=true that is a failure.
 *
 * --faults runs the fault tests alone, at full length, and prints them as tables: first those that
 * take thousands of processes (test/lifetime/, on a virtual bus), then those of test/kernel/faults/.
 * They end processes of several versions of Node, which --faults and CI=true fetch, see
 * node-versions.mjs; elsewhere those are used that are there.
 *
 * The last line is `N passed, N failed, N skipped`, a suite that crashed counting as one failure.
 */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeVersions } from './node-versions.mjs';
import { MINUTE, run } from './run.mjs';

const HOST_TIMEOUT = 10 * MINUTE;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const resolve = createRequire(import.meta.url).resolve;
const mocha = join(dirname(resolve('mocha/package.json')), 'bin/mocha.js');
const tsc = resolve('typescript/bin/tsc');
const NONE = { passed: 0, failed: 0, skipped: 0 };

const own = new Set(['--kernel-only', '--host-only', '--faults', '--require-kernel']);
const options = new Set(process.argv.slice(2).filter((argument) => own.has(argument)));
const mochaOptions = process.argv.slice(2).filter((argument) => !own.has(argument));
const faults = options.has('--faults');
const ci = process.env.CI === 'true';
const kernelOnly = options.has('--kernel-only') || faults;
const kernelRequired = kernelOnly || options.has('--require-kernel') || ci;
const KERNEL_TIMEOUT = (faults ? 40 : 15) * MINUTE;

/** Runs mocha, by whatever means `run` is told, and reads its counts. */
async function suite(name, command, args, { env, timeout } = {}) {
  // In the project and not in a temporary directory, which the guest has for itself.
  const file = join(root, 'build', `counts-${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const { status } = await run(command, args, {
    env: { ...env, SOCKETCAN_TEST_COUNTS: file },
    timeout,
  });
  let counts = NONE;
  try {
    counts = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return failed(counts, `the ${name} tests ended without counts (${status})`);
  }
  if (status !== 0 && counts.failed === 0) {
    return failed(counts, `the ${name} tests passed, but then ended with ${status}`);
  }
  return counts;
}

function failed(counts, why) {
  console.error(`\n${why}`);
  return { ...counts, failed: counts.failed + 1 };
}

async function compile() {
  rmSync('build', { recursive: true, force: true });
  const { status } = await run(process.execPath, [tsc, '-p', 'tsconfig.test.json']);
  cpSync('test', 'build/test', { recursive: true, filter: (path) => !path.endsWith('.ts') });
  return status === 0;
}

/** Hands the versions of Node to the tests, before the guest starts, which has no network. */
async function findNodes() {
  // Each version numbers the parts of a class differently, and their coverage cannot be added up.
  if (process.env.NODE_V8_COVERAGE !== undefined) return NONE;
  const { paths, missing } = await nodeVersions({ fetchMissing: faults || ci });
  process.env.SOCKETCAN_NODES = JSON.stringify(paths);
  if (missing.length === 0) return NONE;
  const which = `Node ${missing.join(' and ')}`;
  if (faults || ci) return failed(NONE, `${which} cannot be had`);
  console.log(`\nno ${which} here for the kernel tests: "npm run test:faults" fetches them`);
  return NONE;
}

function lifetimeTests() {
  const args = [mocha, '--config', '.mocharc.lifetime.json', ...mochaOptions];
  return suite('lifetime', process.execPath, args, { timeout: 60 * MINUTE });
}

function hostTests() {
  const args = [mocha, '--config', '.mocharc.host.json', ...mochaOptions];
  return suite('host', process.execPath, args, { timeout: HOST_TIMEOUT });
}

async function kernelTests() {
  const command = [process.execPath, '--enable-source-maps', mocha];
  command.push('--config', faults ? '.mocharc.faults.json' : '.mocharc.kernel.json');
  command.push(...mochaOptions);
  const guest = await chooseKernel();
  if (guest === undefined) return notRun(command);

  const [program, ...args] = [...guest, ...command];
  const counts = await suite('kernel', program, args, { timeout: KERNEL_TIMEOUT + MINUTE });
  // A filter may well pick host tests only.
  const filtered = mochaOptions.length > 0 && !options.has('--kernel-only');
  if (counts.passed + counts.failed === 0 && !filtered) {
    return failed(counts, 'not one kernel test ran');
  }
  return counts;
}

/** What goes before a command so that it has CAN and root: nothing, the guest; undefined: no way. */
async function chooseKernel() {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const { status } = await run('sh', ['scripts/setup-vcan.sh']);
    if (status === 0) {
      const tools = await run('sh', ['scripts/install-packages.sh', 'iproute2', 'can-utils']);
      return tools.status === 0 ? [] : undefined;
    }
  }
  const { status } = await run('sh', ['scripts/install-packages.sh']);
  if (status !== 0) return undefined;
  const modules = 'can-bcm can-gw slcan vxcan sch_netem sch_tbf';
  const seconds = String(KERNEL_TIMEOUT / 1000);
  console.log('\nkernel tests, in the guest of scripts/can-guest.sh:');
  return ['bash', 'scripts/can-guest.sh', '--timeout', seconds, '--modules', modules, '--'];
}

/** Lists the kernel tests that could not be run. */
async function notRun([program, ...args]) {
  const dry = await run(program, [...args, '--reporter', 'json', '--dry-run'], { output: 'pipe' });
  let titles;
  try {
    titles = JSON.parse(dry.stdout).tests.map((test) => test.fullTitle);
  } catch {
    return failed(NONE, 'the kernel tests cannot be loaded');
  }
  console.log('\nnot run, for want of a kernel with CAN:');
  for (const title of titles) console.log(`  - ${title}`);
  console.log('To run them: scripts/install-packages.sh as root, then npm run test:kernel');
  const counts = { passed: 0, failed: 0, skipped: titles.length };
  return kernelRequired ? failed(counts, 'the kernel tests are required here') : counts;
}

let total = { ...NONE };
if (faults) process.env.SOCKETCAN_FAULTS = 'full';
const suites = [];
if (!kernelOnly) suites.push(hostTests);
if (!options.has('--host-only')) suites.push(findNodes);
if (faults) suites.push(lifetimeTests);
if (!options.has('--host-only')) suites.push(kernelTests);
if (!(await compile())) total = failed(total, 'the tests do not compile');
else {
  for (const tests of suites) {
    const counts = await tests();
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
