/** Tables of the results of bench/run.mjs, as markdown. */
import { WORK } from './items/index.mjs';

/** A load of others, above which a run says little: one CPU is the feeder's, one the contender's. */
const BUSY = { ahead: 4, else: 0.7 };

/** A figure with as many digits as it deserves. */
export function show(value) {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return Number(value.toPrecision(3)).toString();
}

function cell({ median, min, max }) {
  if (!Number.isFinite(median)) return '–';
  if (min === max) return show(median);
  return `${show(median)} (${show(min)}–${show(max)})`;
}

/** A table of one work item: medians, least and most, and ratios to the first contender. */
function table(name, { figures, failures }) {
  const work = WORK[name];
  const metrics = Object.entries(work.metrics);
  const [baseline] = Object.values(figures);
  const heads = metrics.flatMap(([, { title, unit, absolute }]) => [
    unit === '' || unit === '1/s' ? title : `${title}, ${unit}`,
    ...(absolute ? [] : ['ratio']),
  ]);
  const rows = Object.entries(figures).map(([contender, each]) => {
    const cells = metrics.flatMap(([metric, { absolute }]) => {
      const ratio = each[metric].median / baseline[metric].median;
      return [cell(each[metric]), ...(absolute ? [] : [Number.isFinite(ratio) ? ratio.toFixed(2) : '–'])];
    });
    return `| ${[contender, ...cells].join(' | ')} |`;
  });
  const failed = Object.entries(failures).map(([who, why]) => `\n${who}: ${why}\n`);
  return [
    `#### ${work.title} (\`${name}\`)`,
    '',
    `| ${['', ...heads].join(' | ')} |`,
    `|${'---|'.repeat(heads.length + 1)}`,
    ...rows,
    ...failed,
    '',
  ].join('\n');
}

/** All of one venue. */
export function report(results) {
  const { machine, absent, reps, work } = results;
  const missing = Object.entries(absent).map(([who, why]) => `- ${who}: not available: ${why}`);
  return [
    `### ${machine.where}`,
    '',
    `${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}, version ${machine.version}; ` +
      `${machine.ahead ? 'nice -20; ' : ''}load ${machine.load.join(' ')} before, ${machine.loadAfter?.join(' ')} after; ` +
      `medians of ${reps} (least–most); ratios to the first line.`,
    '',
    ...(machine.load[0] > (machine.ahead ? BUSY.ahead : BUSY.else)
      ? [`**The machine was busy (load ${machine.load[0]}): times, and rates, are not to be trusted.**`, '']
      : []),
    ...missing,
    ...(missing.length > 0 ? [''] : []),
    ...Object.entries(work).map(([name, each]) => table(name, each)),
  ].join('\n');
}
