/**
 * Runs the tests and adds them up:
 *
 *   node scripts/test.mjs [--kernel-only | --host-only] [--require-kernel] [mocha's options...]
 *
 * The tests are compiled first: ts-node takes a second a process and a thread, and much longer in the
 * guest. The host tests run anywhere. The kernel tests (test/kernel/) need CAN in
 * the kernel and root: they run here when this machine has both, else in the guest that
 * scripts/can-guest.sh boots. Where neither is possible they are listed and counted as skipped;
 * with --require-kernel or CI=true that is a failure.
 *
 * The last line is `N passed, N failed, N skipped`, a suite that crashed counting as one failure.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MINUTE = 60_000;
const HOST_TIMEOUT = 10 * MINUTE;
const KERNEL_TIMEOUT = 15 * MINUTE;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const resolve = createRequire(import.meta.url).resolve;
const mocha = join(dirname(resolve('mocha/package.json')), 'bin/mocha.js');
const tsc = resolve('typescript/bin/tsc');

const own = new Set(['--kernel-only', '--host-only', '--require-kernel']);
const options = new Set(process.argv.slice(2).filter((argument) => own.has(argument)));
const mochaOptions = process.argv.slice(2).filter((argument) => !own.has(argument));
const kernelRequired =
  options.has('--kernel-only') || options.has('--require-kernel') || process.env.CI === 'true';

let running;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    stopping = true;
    await stop(running);
    process.kill(process.pid, signal);
  });
}

/** Ends a program and all that it started, which share a process group. */
async function stop(program) {
  if (program === undefined) return;
  const end = (signal) => {
    try {
      process.kill(-program.child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  end('SIGTERM');
  const timer = setTimeout(end, 3000, 'SIGKILL');
  await program.ended;
  clearTimeout(timer);
}

/** Runs a program to its end; its status, or what else ended it. */
async function run(command, args, { env = {}, timeout = 0, output = 'inherit' } = {}) {
  const child = spawn(command, args, {
    stdio: ['ignore', output, 'inherit'],
    env: { ...process.env, ...env },
    detached: true,
  });
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
  const ended = new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('close', (status, signal) => settle(status ?? signal));
  });
  const program = (running = { child, ended });
  let late = false;
  const timer =
    timeout > 0 &&
    setTimeout(() => {
      late = true;
      void stop(program);
    }, timeout);
  const status = await ended;
  clearTimeout(timer);
  running = undefined;
  // The signal's handler is about to end this process: nothing more is started.
  if (stopping) await new Promise(() => {});
  return { status: late ? `no end within ${timeout / MINUTE} minutes` : status, stdout };
}

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
  let counts = { passed: 0, failed: 0, skipped: 0 };
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

function hostTests() {
  const args = [mocha, '--config', '.mocharc.host.json', ...mochaOptions];
  return suite('host', process.execPath, args, { timeout: HOST_TIMEOUT });
}

async function kernelTests() {
  const command = [process.execPath, '--enable-source-maps', mocha];
  command.push('--config', '.mocharc.kernel.json', ...mochaOptions);
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
    return failed({ passed: 0, failed: 0, skipped: 0 }, 'the kernel tests cannot be loaded');
  }
  console.log('\nnot run, for want of a kernel with CAN:');
  for (const title of titles) console.log(`  - ${title}`);
  console.log('To run them: scripts/install-packages.sh as root, then npm run test:kernel');
  const counts = { passed: 0, failed: 0, skipped: titles.length };
  return kernelRequired ? failed(counts, 'the kernel tests are required here') : counts;
}

let total = { passed: 0, failed: 0, skipped: 0 };
const compiled = await compile();
if (!compiled) total = failed(total, 'the tests do not compile');
for (const [excluding, tests] of [
  ['--kernel-only', hostTests],
  ['--host-only', kernelTests],
]) {
  if (!compiled || options.has(excluding)) continue;
  const counts = await tests();
  for (const key of Object.keys(total)) total[key] += counts[key];
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
