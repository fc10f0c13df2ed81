/**
 * The targets of this project, each with the figure of this run. Ratios are of medians, to the C baseline (recvmsg
 * and write, a call a frame) of the same run.
 */
import { show } from './report.mjs';

const C = 'C recvmsg/write';
const THREAD = 'CANSocket, thread';
const LOOP = 'CANSocket, loop';
const BATCHING = 'CANSocket, thread, batching 1 ms';
const LOOP_BATCHING = 'CANSocket, loop, batching 1 ms';

const median = (run, work, who, metric) => run.work[work]?.figures[who]?.[metric]?.median;
const ratio = (work, metric, base = C) => ({
  work,
  of: (run, who) => median(run, work, who, metric) / median(run, work, base, metric),
});
const value = (work, metric) => ({ work, of: (run, who) => median(run, work, who, metric) });
/** How much one work item takes of another, by the same contender. */
const against = (work, base, metric) => ({
  work,
  of: (run, who) => median(run, work, who, metric) / median(run, base, who, metric),
});
const most = (bound) => ({ text: `≤ ${bound}`, met: (figure) => figure <= bound });
const least = (bound) => ({ text: `≥ ${bound}`, met: (figure) => figure >= bound });

/** No growth beyond the noise of these figures. */
const NO_GROWTH = most(1.1);
const ONE_THREAD = 'threads beyond those of one interface';
/** [title, where, figure, thread's bound, loop's bound, names of thread's and loop's contender] */
const TARGETS = [
  ['drain, frames/s', 'unix', ratio('drain-classic', 'perSecond'), least(1.1), least(1.3)],
  ['drain, CPU a frame', 'unix', ratio('drain-classic', 'cpuUs'), most(0.95), most(0.8)],
  ['drain, frames/s, QEMU', 'qemu', ratio('drain-classic', 'perSecond'), least(1.3), least(0.9)],
  ['send, batched, CPU a frame', 'unix', ratio('send-batch', 'cpuUs'), most(0.8), most(0.8)],
  ['send, one by one, frames/s', 'unix', ratio('send-one', 'perSecond'), least(0.6), least(0.6)],
  ['ping-pong p50', 'unix', ratio('ping-pong', 'p50'), most(2.5), most(1.35)],
  ['1 k frames/s, CPU a frame', 'unix', ratio('paced-1k', 'cpuUs'), most(7), most(3.8)],
  ['1 k frames/s, latency p50', 'unix', ratio('paced-1k', 'p50'), most(4), most(2.2)],
  ['10 k frames/s, CPU a frame', 'unix', ratio('paced-10k', 'cpuUs'), most(4), most(2)],
  [
    '10 k frames/s, batching for 1 ms, CPU a frame',
    'unix',
    ratio('paced-10k', 'cpuUs'),
    most(1.4),
    most(1.25),
    [BATCHING, LOOP_BATCHING],
  ],
  [
    'highest rate without loss, to C recvmmsg',
    'can',
    ratio('rate', 'rate', 'C recvmmsg/sendmmsg'),
    least(0.9),
    least(0.8),
  ],
  ['2000 frames at 4 k/s, busy for 250 ms: lost', 'any', value('blocked-250ms', 'lost'), most(0)],
  ['6000 frames at 4 k/s, busy for 1 s: lost', 'any', value('blocked-1s', 'lost'), most(0)],
  ['memory over bare Node, MiB', 'unix', value('footprint', 'rssMiB'), most(15), most(4)],
  ['first frame over bare Node, ms', 'unix', value('footprint', 'firstMs'), most(60), most(10)],
  ['16 interfaces against 1, CPU', 'unix', against('interfaces-16', 'interfaces-1', 'cpuUs'), most(1.05), most(1.05)],
  [
    `16 interfaces, ${ONE_THREAD}`,
    'unix',
    {
      work: 'interfaces-16',
      of: (run, who) => median(run, 'interfaces-16', who, 'threads') - median(run, 'interfaces-1', who, 'threads'),
    },
    most(0),
    most(0),
  ],
  ['512 filters against 1, CPU', 'any', against('filters-512', 'filters-1', 'cpuUs'), NO_GROWTH, NO_GROWTH],
];

function fits(run, where) {
  return where === 'any' || run.machine.venue === where || run.machine.kind === where;
}

function judged(runs, { where, figure, bound, who }) {
  if (bound === undefined) return ['–', '–'];
  const figures = runs
    .filter((run) => fits(run, where))
    .map((run) => ({ where: run.machine.venue, figure: figure.of(run, who) }))
    .filter((each) => Number.isFinite(each.figure));
  if (figures.length === 0) return [bound.text, 'not measured'];
  const texts = figures.map(
    (each) =>
      `${show(each.figure)} ${bound.met(each.figure) ? 'met' : '**not met**'}` +
      (figures.length > 1 ? ` (${each.where})` : ''),
  );
  return [bound.text, texts.join('; ')];
}

/** A table of all targets. `npm socketcan` stands beside them as it came out. */
export function verdict(runs) {
  const rows = TARGETS.map(([title, where, figure, thread, loop, names = [THREAD, LOOP]]) => {
    const cells = [thread, loop].flatMap((bound, index) => judged(runs, { where, figure, bound, who: names[index] }));
    const [, peer] = judged(runs, {
      where,
      figure,
      bound: { text: '', met: () => true },
      who: 'npm socketcan',
    });
    const place = { unix: 'local sockets', any: 'anywhere', can: 'CAN kernel', qemu: 'QEMU' }[where];
    const shown = names[0] === THREAD ? peer.replaceAll(' met', '') : '–';
    return `| ${[title, place, ...cells, shown].join(' | ')} |`;
  });
  return [
    '### Targets',
    '',
    '| work, ratio to C where nothing else is said | where | thread: target | thread | loop: target | loop | npm socketcan |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
