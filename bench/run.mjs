/**
 * Measures this package beside C and its peers; see README.md beside this file.
 *
 *   npm run bench [-- --only drain,send] [--reps 5] [--quick] [--venues here,uml,qemu] [--contenders CANSocket,C]
 *                 [--output FILE.json] [--verdict]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, installPeers } from './harness/build.mjs';
import { runHere } from './harness/runner.mjs';
import { venueHere } from './harness/venue.mjs';
import { report } from './report.mjs';
import { chosen } from './work/index.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    reps: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    contenders: { type: 'string' },
    output: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
  },
});
const bench = dirname(fileURLToPath(import.meta.url));
const output = values.output ?? join(bench, 'results', 'latest.json');
const split = (text) => text?.split(',').filter((each) => each !== '');

if (!values['no-build']) {
  build();
  installPeers();
}
const results = await runHere({
  kind: venueHere(),
  slowness: 1,
  names: chosen(split(values.only)),
  reps: Number(values.reps),
  quick: values.quick,
  contenders: split(values.contenders),
  log: (line) => console.error(line),
});
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, JSON.stringify(results, undefined, 2));
const text = report(results);
writeFileSync(output.replace(/(\.json)?$/, '.md'), text);
console.log(text);
