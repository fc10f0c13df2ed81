/**
 * Checks what users would install: packs it as `npm publish` would, and holds that very file against
 * publint, arethetypeswrong and the tests of test/package/.
 *
 *   node scripts/check-package.mjs [mocha's options...]
 *
 * It takes the npm registry: the tests install the package on every supported version of Node, which
 * are fetched where they are not there, see node-versions.mjs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LONG_TERM, nodeVersions, OLDEST } from './node-versions.mjs';
import { MINUTE, run } from './run.mjs';
import { filesOf } from './test/suites.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const { resolve } = createRequire(import.meta.url);
const bin = (name) => join(root, 'node_modules', '.bin', name);
const directory = mkdtempSync(join(tmpdir(), 'socketcan-package-'));

/** Runs one check to its end; whether it passed. */
async function check(title, command, args, env) {
  console.log(`\n== ${title}`);
  const { status } = await run(command, args, { env, timeout: 10 * MINUTE });
  if (status !== 0) console.error(`${title}: ${status}`);
  return status === 0;
}

async function pack() {
  const args = ['pack', '--json', '--loglevel=error', '--pack-destination', directory];
  const { status, stdout } = await run('npm', args, { output: 'pipe', timeout: 5 * MINUTE });
  if (status !== 0) throw new Error(`npm pack ended with ${status}\n${stdout}`);
  // What prepack prints comes before.
  const [{ filename }] = JSON.parse(stdout.slice(stdout.search(/^\[/m)));
  return join(directory, filename);
}

async function checkAll() {
  const tarball = await pack();
  const { paths, missing } = await nodeVersions({
    fetchMissing: true,
    wanted: [OLDEST, ...LONG_TERM],
  });
  if (missing.length > 0) throw new Error(`Node ${missing.join(' and ')} could not be fetched`);
  const mocha = join(dirname(resolve('mocha/package.json')), 'bin/mocha.js');
  const args = process.argv.slice(2);
  const named = args.some((each) => each.endsWith('.mjs'));
  const files = named ? [] : filesOf('package').map((file) => `test/${file}`);
  const tests = [mocha, '--no-config', '--timeout', '300000', ...args, ...files];
  tests.push('--reporter', 'test/support/reporters/reporter.cjs');
  const passed = [
    await check('publint', bin('publint'), ['run', tarball, '--strict']),
    await check('arethetypeswrong', bin('attw'), [tarball, '--no-emoji', '--no-color']),
    await check('test/package', process.execPath, tests, {
      SOCKETCAN_TARBALL: tarball,
      SOCKETCAN_NODES: JSON.stringify(paths),
    }),
  ];
  return passed.every(Boolean);
}

try {
  process.exitCode = (await checkAll()) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
