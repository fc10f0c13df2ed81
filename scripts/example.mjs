/**
 * Runs an example from its source, or all of them one after another:
 *
 *   node scripts/example.mjs [NAME [ARGUMENT...]]     NAME as in examples/NAME.ts
 *
 * Without a name, each runs on a bus of its own and ends by itself. Status 1 as soon as one fails.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MINUTE, run } from './run.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const names = readdirSync('examples')
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length));

/** What runs an example: a test needs mocha. */
function commandOf(name) {
  const file = join('examples', `${name}.ts`);
  if (!name.endsWith('-test')) return ['-r', 'ts-node/register', file];
  const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
  return [mocha, '--no-config', '--node-option', 'require=ts-node/register', '--timeout', '120000', file];
}

async function runExample(name, args, timeout = 0) {
  if (name === 'mqtt-gateway' && args.length === 0) {
    const { status } = await run('sh', ['scripts/install-packages.sh', 'mosquitto']);
    if (status !== 0) return status;
  }
  return (await run(process.execPath, [...commandOf(name), ...args], { timeout })).status;
}

const [chosen, ...args] = process.argv.slice(2);
if (chosen !== undefined && !names.includes(chosen)) {
  console.error(`Unknown example ${chosen}. Known: ${names.join(', ')}`);
  process.exitCode = 1;
} else if (chosen !== undefined) {
  const status = await runExample(chosen, args);
  process.exitCode = typeof status === 'number' ? status : 1;
} else {
  for (const name of names) {
    console.log(`\n== ${name}`);
    const status = await runExample(name, [], 5 * MINUTE);
    if (status === 0) continue;
    console.error(`The example ${name} ended with ${status}`);
    process.exitCode = 1;
    break;
  }
}
