/**
 * Measures this package beside C and its peers; what and how is in README.md beside this file.
 *
 *   npm run bench [-- --only drain,send] [--reps 5] [--quick] [--contenders CANSocket,C] [--verdict]
 *                 [--venues here,uml,qemu] [--output FILE.json] [--no-build]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { goAhead } from './harness/ahead.mjs';
import { build, installPeers } from './harness/build.mjs';
import { GUESTS, guestMissing, runInGuest } from './harness/guests.mjs';
import { runHere } from './harness/runner.mjs';
import { venueHere } from './harness/venue.mjs';
import { report } from './report.mjs';
import { verdict } from './verdict.mjs';
import { chosen } from './items/index.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    reps: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    contenders: { type: 'string' },
    venues: { type: 'string' },
    verdict: { type: 'boolean', default: false },
    output: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
    slowness: { type: 'string', default: '1' },
  },
});
const bench = dirname(fileURLToPath(import.meta.url));
const output = values.output ?? join(bench, 'results', 'latest.json');
const split = (text) => text?.split(',').filter((each) => each !== '');
const only = split(values.only);
chosen(only); // A wrong name is told before anything is built.

if (!values['no-build']) {
  build();
  installPeers();
}

goAhead();
const log = (line) => console.error(line);
const everywhere = venueHere() === 'can' ? ['here'] : ['here', ...Object.keys(GUESTS)];
const runs = [];
const notRun = [];
for (const venue of split(values.venues) ?? everywhere) {
  const missing = venue === 'here' ? undefined : guestMissing(venue);
  if (missing !== undefined) {
    notRun.push(`Not run in ${venue}: ${missing}`);
    continue;
  }
  try {
    runs.push(await (venue === 'here' ? here() : guest(venue)));
  } catch (error) {
    notRun.push(`Not run in ${venue}: ${error.message}`);
  }
}

function here() {
  return runHere({
    kind: venueHere(),
    slowness: Number(values.slowness),
    names: chosen(only),
    reps: Number(values.reps),
    quick: values.quick,
    contenders: split(values.contenders),
    log,
  });
}

/** The same in a guest, with less to do where it is very slow. */
function guest(venue) {
  const { work, contenders, reps } = GUESTS[venue];
  const args = ['--reps', String(Math.min(Number(values.reps), reps))];
  args.push('--only', (only ?? work).join(','));
  args.push('--contenders', values.contenders ?? contenders.join(','));
  if (values.quick) args.push('--quick');
  return runInGuest(venue, args, 90);
}

const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
const text = [`\`${command}\``, '', ...notRun, ...runs.map(report), ...(values.verdict ? [verdict(runs)] : [])].join(
  '\n',
);
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `${JSON.stringify({ command, runs, notRun }, undefined, 2)}\n`);
writeFileSync(output.replace(/\.json$/, '') + '.md', text);
console.log(text);
if (runs.length === 0) process.exitCode = 1;
