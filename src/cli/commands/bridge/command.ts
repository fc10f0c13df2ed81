import { CANSocket } from '../../../index';
import {
  checkCount,
  choiceOf,
  durationOf,
  flagOf,
  fromArgument,
  integerOf,
  receiveBufferOf,
  textsOf,
} from '../../main/arguments';
import { UsageError, type Arguments, type Command, type Terminal } from '../../main/command';
import { parseSelection, type Selection } from '../../text/filter-text';
import { follow } from '../../receive/follow';
import { aborted, every } from '../../main/wait';
import { Bridge } from './bridge';
import { LIMIT, type DirectionOptions } from './direction';
import { FD_RULES } from './fd-rule';
import { IdentifierMap } from './identifier-map';
import { accountJSON, accountLine } from './report';

const USAGE = `
Usage: socketcan bridge [OPTION...] A[,FILTER...] B[,FILTER...]

Forwards frames between two interfaces, both ways, in their order, until SIGINT. FILTER is candump's:
100:700 passes what equals 100 in the ones of 700, 100~700 what does not, j: all must pass; those
behind A are for what comes from A. At the end, and with --stats every so often, it writes what
became of the frames: received = forwarded + filtered + expired + refused + dropped.

  --one-way           only from A to B
  --map RULE          new identifiers from A to B: 123=456, 100-1FF=300 (a range), 100:700=200 (the
                      ones of the mask are compared and replaced); may be given again, the first
                      that fits counts; up to 3 digits are a base identifier, more an extended one
  --map-back RULE     the same from B to A
  --fd RULE           CAN FD frames: auto, they pass where the other side takes them, else they are
                      dropped (default); drop, all are; classic, those of up to 8 bytes become
                      classic frames, the others are dropped
  --limit N           frames that may wait for a side, default ${LIMIT}; one more is dropped
  --timeout TIME      how long a frame may wait, default 1s; then it expires
  --no-loop-check     do not stop when another bridge makes a loop with this one
  --stats TIME        write the account every so often
  --json              the account as a line of JSON
  -r, --receive-buffer SIZE  of the kernel's receive buffer of each side, in bytes: 65536, 64k, 16M
                      (default 2M)
  -h, --help

Examples:
  socketcan bridge can0 vcan0
  socketcan bridge --one-way --map 100:700=200 can0,100:700 can1
`;

async function run(args: Arguments, io: Terminal): Promise<number> {
  checkCount(args, 'A B', 2, 2);
  const [a, b] = args.positionals.map(selectionOf) as [Selection, Selection];
  if (a.interfaceName === b.interfaceName) {
    throw new UsageError(`A and B must be two interfaces; found ${a.interfaceName} twice`);
  }
  const oneWay = flagOf(args, 'one-way');
  const backRules = textsOf(args, 'map-back');
  if (oneWay && (backRules.length > 0 || b.filters !== undefined)) {
    throw new UsageError('with --one-way nothing comes from B that could be filtered or mapped');
  }
  const shared = {
    fd: choiceOf(args, 'fd', FD_RULES) ?? 'auto',
    limit: integerOf(args, 'limit', { least: 1, most: 1_000_000 }) ?? LIMIT,
    timeoutMs: durationOf(args, 'timeout', 'ms', { least: 1 }) ?? 1000,
  };
  const forth = { ...shared, ...filtersOf(a), map: new IdentifierMap(textsOf(args, 'map')) };
  const back = { ...shared, ...filtersOf(b), map: new IdentifierMap(backRules) };
  const statsMs = durationOf(args, 'stats', 's', { least: 100 });

  const size = receiveBufferOf(args);
  const buffer = size === undefined ? {} : { receiveBufferSize: size };

  await using socketA = new CANSocket(a.interfaceName, buffer);
  // What nobody reads must not fill a buffer.
  await using socketB = new CANSocket(b.interfaceName, {
    ...buffer,
    ...(oneWay ? { filters: [] } : {}),
  });
  const tell = (text: string): void => {
    io.tell(`socketcan bridge: ${text}`);
  };
  for (const socket of [socketA, socketB]) {
    // That a socket has failed is met by the bridge.
    const onFailure = (): void => undefined;
    follow(socket, { tell, whileDown: 'frames for it wait, and expire', onFailure });
  }
  const bridge = new Bridge(socketA, socketB, {
    forth,
    back: oneWay ? false : back,
    loopCheck: !flagOf(args, 'no-loop-check'),
    clock: io.clock,
  });
  tell(`${a.interfaceName} ${oneWay ? '->' : '<->'} ${b.interfaceName}`);
  await runBridge(bridge, io, statsMs, flagOf(args, 'json'));
  return 0;
}

async function runBridge(bridge: Bridge, io: Terminal, statsMs: number | undefined, json: boolean): Promise<void> {
  const write = (final: boolean): void => {
    // What a slow reader does not take in time is not written in the first place.
    if (!final && io.stdout.pending > 0) return;
    if (json) io.print(accountJSON(bridge.directions, final));
    else for (const each of bridge.directions) io.print(accountLine(each));
  };
  const stop =
    statsMs === undefined
      ? () => undefined
      : every(statsMs, io.clock, () => {
          write(false);
        });
  try {
    await Promise.race([aborted(io.signal), bridge.failure]);
  } finally {
    stop();
    await bridge.stop();
    write(true);
  }
}

function selectionOf(text: string): Selection {
  const selection = fromArgument(() => parseSelection(text));
  if (selection.errorMask === undefined) return selection;
  throw new UsageError(`Error frames are not forwarded, as they tell of one bus only; found ${JSON.stringify(text)}`);
}

function filtersOf({ filters, joinFilters }: Selection): DirectionOptions {
  return filters === undefined ? {} : { filters, joinFilters: joinFilters ?? false };
}

export const bridgeCommand: Command = {
  name: 'bridge',
  summary: 'forward frames between two interfaces',
  usage: USAGE,
  options: {
    'one-way': { type: 'boolean' },
    map: { type: 'string', multiple: true },
    'map-back': { type: 'string', multiple: true },
    fd: { type: 'string' },
    limit: { type: 'string' },
    timeout: { type: 'string' },
    'no-loop-check': { type: 'boolean' },
    stats: { type: 'string' },
    json: { type: 'boolean' },
    'receive-buffer': { type: 'string', short: 'r' },
  },
  run,
};
