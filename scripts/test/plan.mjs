/** Makes the jobs that a request asks for. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MINUTE, run } from '../run.mjs';
import { findControllers, findKernel, PACKAGES } from './kernel.mjs';
import { filesOf, ORDINARY, ROOT, suiteOf, SUITES } from './suites.mjs';

/** Only a hang takes longer, also on a busy machine. */
const HANG_MS = 60 * MINUTE;

const { resolve } = createRequire(import.meta.url);
const mocha = join(dirname(resolve('mocha/package.json')), 'bin/mocha.js');
const config = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8'));
const running = process.versions.node.split('.')[0];

/** What `npm run test:all` runs after `npm test`, the longest first. */
const ALL = [
  { suite: 'faults', full: true },
  { suite: 'lifetime', full: true },
  { suite: 'controllers', full: true },
  { suite: 'package' },
  { suite: 'host', node: '26' },
  { suite: 'kernel', node: '26' },
  { suite: 'faults', node: '26' },
  { suite: 'host', node: '24' },
  { suite: 'host', node: '22' },
  { suite: 'examples' },
  { suite: 'headers' },
  { suite: 'docs' },
];

/** @param {import('./arguments.mjs').Request} request */
function parts({ all, suites, files, full, node }) {
  if (all) return ALL.filter((part) => part.node !== running);
  const names = new Set([...suites, ...files.map(suiteOf)]);
  const chosen = names.size === 0 ? ORDINARY : Object.keys(SUITES).filter((name) => names.has(name));
  return chosen.map((suite) => {
    const own = files.filter((file) => suiteOf(file) === suite);
    return {
      suite,
      full,
      node,
      files: own.length > 0 && !suites.includes(suite) ? own : undefined,
    };
  });
}

/**
 * @param {import('./arguments.mjs').Request} request
 * @param {import('./total.mjs').Total} total
 */
export async function jobsOf(request, total) {
  /** @type {import('./jobs.mjs').Job[]} */
  const jobs = [];
  let cpu = 0;
  let guest;
  for (const part of parts(request)) {
    const { place } = SUITES[part.suite];
    /** @type {any} */
    const plan = { ...part, mocha: request.mocha, cpu: 0, kernel: undefined };
    if (place === 'guest') {
      guest ??= { kernel: await findKernel() };
      plan.kernel = guest.kernel;
      plan.cpu = cpu++;
    } else if (place === 'controllers') plan.kernel = await findControllers();
    const title = [part.suite, part.full && 'at full length', part.node && `Node ${part.node}`];
    jobs.push({
      title: title.filter(Boolean).join(', '),
      lock: plan.kernel?.lock,
      run: (print) => runPart(plan, title.filter(Boolean).join(', '), total, print),
    });
  }
  return jobs;
}

/** Runs a part. What goes wrong with it counts as one failure, and does not keep others from running. */
async function runPart(plan, title, total, print) {
  try {
    await runSuite(plan, title, total, print);
  } catch (error) {
    total.fail(`${title}: ${error.stack}`);
  }
}

async function runSuite(plan, title, total, print) {
  const { suite, node, kernel } = plan;
  const { place } = SUITES[suite];
  const counts = join('build', 'counts', `${title.replace(/\W+/g, '-')}.json`);
  rmSync(counts, { force: true });
  const needsKernel = place === 'guest' || place === 'controllers';
  if (needsKernel && kernel === undefined) return listNotRun(plan, title, total, print);
  const command = commandOf(plan, nodeOf(node));
  const [program, ...args] = needsKernel ? kernel.wrap(command, HANG_MS / 1000 - 60, plan.cpu) : command;
  const env = {
    SOCKETCAN_TEST_COUNTS: join(process.cwd(), counts),
    ...(plan.full && { SOCKETCAN_FAULTS: 'full' }),
  };
  const { status } = await run(program, args, { env, timeout: HANG_MS, output: print });
  if (!existsSync(counts)) {
    total.fail(`${title}: ended without counts (${status})`);
    return;
  }
  const found = JSON.parse(readFileSync(counts, 'utf8'));
  total.add(title, found);
  if (status !== 0 && found.failed === 0) total.fail(`${title}: passed, but ended with ${status}`);
  if (found.passed + found.failed + found.skipped > 0) return;
  const narrowed = plan.mocha.length > 0 || plan.files !== undefined;
  if (narrowed) print(`No test of ${suite} matches.\n`);
  else total.fail(`${title}: no test ran`);
}

/** Where a version of Node is, for the running one its own path. */
function nodeOf(major = running) {
  const path = JSON.parse(process.env.SOCKETCAN_NODES ?? '{}')[major];
  if (major === running) return process.execPath;
  if (path === undefined) throw new Error(`Node ${major} could not be fetched`);
  return path;
}

function commandOf({ suite, files, full, mocha: options }, node) {
  if (SUITES[suite].place === 'package') {
    const chosen = files?.map((file) => `test/${file}`) ?? [];
    return [node, 'scripts/check-package.mjs', ...options, ...chosen];
  }
  const compiled = (files ?? filesOf(suite)).map((file) => `build/test/${file.replace(/\.ts$/, '.js')}`);
  const reporter = full ? 'test/support/reporters/fault-report.cjs' : config.reporter;
  const own = ['--no-config', '--timeout', String(config.timeout), '--reporter', reporter];
  return [node, '--enable-source-maps', mocha, ...own, ...options, ...compiled];
}

/** Names the tests that cannot run here. */
async function listNotRun(plan, title, total, print) {
  const [program, ...args] = commandOf(plan, process.execPath);
  const at = args.indexOf('--reporter');
  args.splice(at, 2, '--reporter', 'json', '--dry-run');
  const dry = await run(program, args, { output: 'pipe' });
  let titles;
  try {
    titles = JSON.parse(dry.stdout.slice(dry.stdout.indexOf('{'))).tests.map((test) => test.fullTitle);
  } catch {
    total.fail(`${title}: the tests cannot be loaded`);
    return;
  }
  print('Not run, because there is no kernel with CAN here:\n');
  for (const each of titles) print(`  - ${each}\n`);
  const packages = PACKAGES[SUITES[plan.suite].place].join(' ');
  print(`To run them, as root on Debian or Ubuntu: scripts/install-packages.sh ${packages}\n`);
  print(`Then: npm test -- ${plan.suite}\n`);
  total.add(title, { passed: 0, failed: 0, skipped: titles.length });
  if (process.env.CI === 'true') total.fail(`${title}: CI must run these tests`);
}
