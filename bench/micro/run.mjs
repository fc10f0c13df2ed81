/**
 * Single functions, by tinybench: `npm run bench:micro [-- --time 500]` (ms a function).
 */
import { parseArgs } from 'node:util';
import { Bench } from 'tinybench';
import { groups } from './functions.mjs';
import { machine } from '../harness/machine.mjs';
import { show } from '../report.mjs';

const { values } = parseArgs({
  options: {
    time: { type: 'string', default: '500' },
  },
});

const { cpu, node, load, version } = machine('unix');
console.log(`${cpu}, Node ${node}, version ${version}, load ${load.join(' ')}\n`);
console.log('| | ns, median | ns, p99 | calls a second |');
console.log('|---|---|---|---|');
for (const [group, functions] of Object.entries(groups)) {
  const bench = new Bench({ time: Number(values.time), warmupTime: 100 });
  // A hundred calls a sample: one would be as short as the clock's own cost.
  for (const [name, task] of Object.entries(functions)) {
    bench.add(`${group}: ${name}`, () => {
      for (let i = 0; i < 100; i++) task(i);
    });
  }
  await bench.run();
  for (const { name, result } of bench.tasks) {
    if (!('latency' in result)) throw new Error(`${name}: ${result.state}`);
    const { p50, p99 } = result.latency;
    const ns = (ms) => (ms * 1e6) / 100;
    console.log(`| ${name} | ${show(ns(p50))} | ${show(ns(p99))} | ${show(1e9 / ns(p50))} |`);
  }
}
