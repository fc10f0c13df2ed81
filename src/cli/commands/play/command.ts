import { describe } from '../../../options/describe';
import { checkCount, durationOf, flagOf, invalidOption, numberOf, textOf } from '../../main/arguments';
import type { Arguments, Command } from '../../main/command';
import { UsageError } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import { DEFAULT_TIMEOUT_MS } from '../../send/send-frames';
import { play } from './play';

const USAGE = `
Usage: socketcan play [OPTION...] FILE [TO=FROM...]

Sends the frames of a candump log with the original time between them. "-" reads the log from stdin.

TO=FROM sends the frames of interface FROM in the log on interface TO. It may be repeated; frames of other
interfaces are then skipped. Without it, each frame is sent on the interface of its line.

      --speed N         play N times as fast (default 1)
  -l, --loop N          play the log N times, or without end with i (default 1)
  -g, --gap TIME        time from frame to frame, instead of the times of the log (ms)
  -t, --ignore-times    send without waiting
  -s, --skip TIME       longest wait for a frame, to shorten long silences (s)
      --skip-bad        skip and count invalid lines instead of stopping
      --timeout TIME    how long a frame may wait for the kernel before it expires (ms; default 1s)
      --json            print the summary as JSON on stdout
  -h, --help

Error frames in the log are counted but not sent, because they were never on the bus.

Examples:
  socketcan play trace.log vcan0=can0 --speed 10
  gunzip -c trace.log.gz | socketcan play -

Exit code: 0 all frames sent; 1 some expired or were refused, or the command failed, for example at an
invalid line; 2 wrong usage; 130 interrupted before the end.
`;

export const playCommand: Command = {
  name: 'play',
  summary: 'send the frames of a candump log with their original timing',
  usage: USAGE,
  needsPeers: () => true,
  options: {
    speed: { type: 'string' },
    loop: { type: 'string', short: 'l' },
    gap: { type: 'string', short: 'g' },
    'ignore-times': { type: 'boolean', short: 't' },
    skip: { type: 'string', short: 's' },
    'skip-bad': { type: 'boolean' },
    timeout: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(args: Arguments, io: Terminal) {
    checkCount(args, 'FILE [TO=FROM...]', 1);
    const [path = '', ...assignments] = args.positionals;
    const loops = loopsOf(args);
    if (path === '-' && loops !== 1) throw new UsageError('stdin can be played only once: --loop needs a file');
    const gapMs = flagOf(args, 'ignore-times') ? 0 : durationOf(args, 'gap', 'ms');
    if (gapMs !== undefined && textOf(args, 'speed') !== undefined) {
      throw new UsageError('--speed needs the times of the log, so it excludes --gap and --ignore-times');
    }
    return play(
      {
        path,
        targets: targetsOf(assignments),
        speed: numberOf(args, 'speed', { least: 0.001, most: 1e6 }) ?? 1,
        loops,
        gapMs,
        longestMs: durationOf(args, 'skip', 's') ?? Infinity,
        skipBad: flagOf(args, 'skip-bad'),
        timeoutMs: durationOf(args, 'timeout', 'ms') ?? DEFAULT_TIMEOUT_MS,
        json: flagOf(args, 'json'),
      },
      io,
    );
  },
};

function loopsOf(args: Arguments): number {
  const text = textOf(args, 'loop') ?? '1';
  if (text === 'i') return Infinity;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw invalidOption('loop', 'an integer of 1 or more, or i', text);
}

/** The interfaces to send on, by interface of the log. Undefined: each frame goes to the interface of its line. */
function targetsOf(assignments: readonly string[]): ReadonlyMap<string, string[]> | undefined {
  if (assignments.length === 0) return undefined;
  const targets = new Map<string, string[]>();
  for (const text of assignments) {
    const [to = '', from = '', ...more] = text.split('=');
    if (to === '' || from === '' || more.length > 0) {
      throw new UsageError(`An assignment must be TO=FROM; found ${describe(text)}`);
    }
    targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  return targets;
}
