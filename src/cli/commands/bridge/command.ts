import { CANSocket } from '../../../index';
import { describe } from '../../../options/describe';
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
import { UsageError } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import type { Arguments, Command } from '../../main/command';
import { parseFilteredInterface, type FilteredInterface } from '../../interfaces/filtered-interface';
import { reportLink } from '../../receive/link-report';
import { DEFAULT_TIMEOUT_MS } from '../../send/send-frames';
import { aborted, every } from '../../time/wait';
import { Bridge } from './bridge';
import { DEFAULT_LIMIT, type DirectionOptions } from './direction';
import { FD_RULES } from './fd-rule';
import { IdentifierMap } from './identifier-map';
import { summaryJSON, summaryLine } from './summary';

const USAGE = `
Usage: socketcan bridge [OPTION...] A[,FILTER...] B[,FILTER...]

Forwards frames between two interfaces, in both directions and in order, until SIGINT (Ctrl-C). The
filters behind A apply to frames from A, those behind B to frames from B. FILTER is candump's: 100:700
passes frames whose identifier equals 100 in the bits set in 700, 100~700 all other frames; with j, a
frame must pass all filters. At the end, and with --stats regularly, it prints a summary:
received = forwarded + filtered + expired + refused + dropped.

  --one-way           forward only from A to B
  --map RULE          change identifiers from A to B: 123=456, 100-1FF=300 (a range), 100:700=200
                      (compares and replaces the bits set in 700). Up to 3 digits are a base
                      identifier, more an extended one. May be repeated; the first match applies
  --map-back RULE     the same from B to A
  --fd RULE           CAN FD frames: auto forwards them if the other side supports CAN FD and drops
                      them otherwise (default); drop drops them; classic converts those of up to 8
                      bytes to classic frames and drops longer ones
  --limit N           how many frames may wait for a side (default ${DEFAULT_LIMIT}); more are dropped
  --timeout TIME      how long a frame may wait before it expires (ms; default 1s)
  --no-loop-check     do not stop when another bridge makes a loop with this one
  --stats TIME        print the summary at this interval (s)
  --json              print the summary as a line of JSON
  -r, --receive-buffer SIZE  size of the kernel's receive buffer of each side, in bytes: 65536, 64k, 16M
                      (default 2M)
  -h, --help

Examples:
  socketcan bridge can0 vcan0
  socketcan bridge --one-way --map 100:700=200 can0,100:700 can1
`;

async function run(args: Arguments, io: Terminal): Promise<number> {
  checkCount(args, 'A B', 2, 2);
  const [a, b] = args.positionals.map(filteredInterfaceOf) as [FilteredInterface, FilteredInterface];
  if (a.interfaceName === b.interfaceName) {
    throw new UsageError(`A and B must be two interfaces; found ${a.interfaceName} twice`);
  }
  const oneWay = flagOf(args, 'one-way');
  const backRules = textsOf(args, 'map-back');
  if (oneWay && (backRules.length > 0 || b.filters !== undefined)) {
    throw new UsageError('--one-way forwards nothing from B, so B takes no filters and no --map-back');
  }
  const shared = {
    fd: choiceOf(args, 'fd', FD_RULES) ?? 'auto',
    limit: integerOf(args, 'limit', { least: 1, most: 1_000_000 }) ?? DEFAULT_LIMIT,
    timeoutMs: durationOf(args, 'timeout', 'ms', { least: 1 }) ?? DEFAULT_TIMEOUT_MS,
  };
  const forth = { ...shared, ...filtersOf(a), map: new IdentifierMap(textsOf(args, 'map')) };
  const back = { ...shared, ...filtersOf(b), map: new IdentifierMap(backRules) };
  const statsMs = durationOf(args, 'stats', 's', { least: 100 });

  const size = receiveBufferOf(args);
  const buffer = size === undefined ? {} : { receiveBufferSize: size };

  await using socketA = new CANSocket(a.interfaceName, buffer);
  // With --one-way nobody reads from B, so its receive buffer must stay empty.
  await using socketB = new CANSocket(b.interfaceName, {
    ...buffer,
    ...(oneWay ? { filters: [] } : {}),
  });
  const report = (text: string): void => {
    io.report(`socketcan bridge: ${text}`);
  };
  for (const socket of [socketA, socketB]) {
    // The bridge itself handles a socket that fails.
    const onFailure = (): void => undefined;
    reportLink(socket, { report, whileDown: 'frames for it wait until they expire', onFailure });
  }
  const bridge = new Bridge(socketA, socketB, {
    forth,
    back: oneWay ? false : back,
    loopCheck: !flagOf(args, 'no-loop-check'),
    clock: io.clock,
  });
  report(`${a.interfaceName} ${oneWay ? '->' : '<->'} ${b.interfaceName}`);
  await runBridge(bridge, io, statsMs, flagOf(args, 'json'));
  return 0;
}

async function runBridge(bridge: Bridge, io: Terminal, statsMs: number | undefined, json: boolean): Promise<void> {
  const write = (final: boolean): void => {
    // Skips an interim summary while a slow reader has not taken the last one.
    if (!final && io.stdout.pending > 0) return;
    if (json) io.print(summaryJSON(bridge.directions, final));
    else for (const each of bridge.directions) io.print(summaryLine(each));
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

function filteredInterfaceOf(text: string): FilteredInterface {
  const filtered = fromArgument(() => parseFilteredInterface(text));
  if (filtered.errorMask === undefined) return filtered;
  throw new UsageError(`Error frames are not forwarded, because they describe one bus only; found ${describe(text)}`);
}

function filtersOf({ filters, joinFilters }: FilteredInterface): DirectionOptions {
  return filters === undefined ? {} : { filters, joinFilters: joinFilters ?? false };
}

export const bridgeCommand: Command = {
  name: 'bridge',
  summary: 'forward frames between two interfaces',
  usage: USAGE,
  needsPeers: () => true,
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
