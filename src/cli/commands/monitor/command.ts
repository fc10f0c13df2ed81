import { checkCount, choiceOf, durationOf, flagOf, integerOf, numberOf, textOf } from '../../main/arguments';
import { UsageError } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import type { Arguments, Command } from '../../main/command';
import { expandAny } from '../../interfaces/any';
import { isVirtual, virtualBusOf } from '../../interfaces/virtual';
import { bitRateOf } from './bit-rate';
import { DEMO_BITRATE, DEMO_DATA_BITRATE, startDemo } from './demo';
import { FullScreen } from './screen/full-screen';
import { writePlain } from './output/plain';
import { RowFilter } from './model/row-filter';
import { SORTS } from './model/sort';
import { FIRST_VIEW } from './model/view';
import { Watch } from './watch';

const LIMIT = 4096;

const USAGE = `
Usage: socketcan monitor [OPTION...] INTERFACE...

Shows the current traffic. For each identifier: the last data, with changed bytes marked, the number
of frames, their rate, period and jitter. For each bus: the link, the state of the controller, the load
and the lost frames. "any" means all CAN interfaces that exist at the start. On a terminal it takes the
whole screen; press ? for help and q to quit. Elsewhere it writes a table every second.

  --bitrate RATE       bit rate of interfaces that do not report one: 500000, 500k, 1M
  --data-bitrate RATE  bit rate of the data phase of CAN FD frames with bit rate switch
  --sort BY            ${SORTS.join(', ')} (default id)
  --filter TEXT        show only matching rows: 18F (in the identifier or the data), 100:700 (identifier
                       and mask), #DEAD (in the data); separate several by spaces
  --limit N            identifiers to keep, default ${LIMIT}; it only counts the frames of others
  --refresh HZ         repaint the screen this often, 0.1 to 50 times a second, default 10
  --plain              write tables, as without a terminal
  --json               write tables as lines of JSON
  --interval TIME      time between two tables, default 1s
  -n, --count N        end after N tables
  --demo               send demo traffic on a bus of this process: socketcan monitor --demo virtual:demo
  -h, --help           show this help

Examples:
  socketcan monitor can0
  socketcan monitor --bitrate 500k vcan0 vcan1
  socketcan monitor --json --count 1 can0
`;

async function run(args: Arguments, io: Terminal): Promise<number> {
  checkCount(args, 'INTERFACE...', 1);
  const given = args.positionals.map((interfaceName) => ({ interfaceName }));
  const names = expandAny(given).map(({ interfaceName }) => interfaceName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`${twice} is given twice`);
  const demo = flagOf(args, 'demo');
  const bitRates = {
    bitrate: bitRateOf(args, 'bitrate') ?? (demo ? DEMO_BITRATE : undefined),
    dataBitrate: bitRateOf(args, 'data-bitrate') ?? (demo ? DEMO_DATA_BITRATE : undefined),
  };
  const view = {
    ...FIRST_VIEW,
    sort: choiceOf(args, 'sort', SORTS) ?? 'id',
    filter: new RowFilter(textOf(args, 'filter') ?? ''),
  };
  const refreshHz = numberOf(args, 'refresh', { least: 0.1, most: 50 }) ?? 10;
  const limit = integerOf(args, 'limit', { least: 1, most: 1_000_000 }) ?? LIMIT;
  const intervalMs = durationOf(args, 'interval', 's', { least: 10 }) ?? 1000;
  const count = integerOf(args, 'count', { least: 1 });
  const json = flagOf(args, 'json');
  const plain = json || flagOf(args, 'plain') || !io.isTTY;
  if (demo && !names.every(isVirtual)) {
    throw new UsageError('--demo needs buses of this process: virtual:NAME');
  }

  await using watch = new Watch(names, bitRates, limit, io.clock);
  const buses = demo ? names.map(virtualBusOf) : [];
  const stops = buses.flatMap((bus) => (bus === undefined ? [] : [startDemo(bus, io.clock)]));
  try {
    if (plain) await writePlain(watch, view, io, { intervalMs, count, json });
    else await new FullScreen(watch, view, io).run(1000 / refreshHz);
  } finally {
    for (const stop of stops) stop();
  }
  return 0;
}

export const monitorCommand: Command = {
  name: 'monitor',
  summary: 'show the current traffic in a full-screen view',
  usage: USAGE,
  needsPeers: (args) => !flagOf(args, 'demo'),
  options: {
    bitrate: { type: 'string' },
    'data-bitrate': { type: 'string' },
    sort: { type: 'string' },
    filter: { type: 'string' },
    limit: { type: 'string' },
    refresh: { type: 'string' },
    plain: { type: 'boolean' },
    json: { type: 'boolean' },
    interval: { type: 'string' },
    count: { type: 'string', short: 'n' },
    demo: { type: 'boolean' },
  },
  run,
};
