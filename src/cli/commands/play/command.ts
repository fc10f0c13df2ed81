import { checkCount, durationOf, flagOf, numberOf, textOf, wrong } from '../../main/arguments';
import { UsageError, type Arguments, type Command, type Terminal } from '../../main/command';
import { play } from './play';

const USAGE = `
Usage: socketcan play [OPTION...] FILE [TO=FROM...]

Sends the frames of a candump log again, with the times between them. "-" reads it from stdin.

TO=FROM sends what was received from FROM on TO; with any of these, frames of other interfaces are left
out. Without, every frame goes to the interface of its line.

      --speed N         N times as fast (default 1)
  -l, --loop N          play it N times, i: without end (default 1)
  -g, --gap TIME        this time from frame to frame instead of the log's (ms)
  -t, --ignore-times    no waiting at all
  -s, --skip TIME       wait no longer than this for a frame: skip long silences (s)
      --skip-bad        pass over lines that cannot be read (they are counted), instead of stopping
      --timeout TIME    a frame that the kernel does not take for so long has expired (ms; default 1s)
      --json            the account as JSON on stdout
  -h, --help

Error frames in the log are counted and not sent: they never were on the bus.

Examples:
  socketcan play trace.log vcan0=can0 --speed 10
  gunzip -c trace.log.gz | socketcan play -

Exit code: 0 all sent; 1 some expired or were refused, a bad line, or failed; 2 wrong usage; 130
interrupted before the end.
`;

export const playCommand: Command = {
  name: 'play',
  summary: 'send the frames of a candump log again, with their times',
  usage: USAGE,
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
    if (path === '-' && loops !== 1) throw new UsageError('stdin can be played once only');
    const gapMs = flagOf(args, 'ignore-times') ? 0 : durationOf(args, 'gap', 'ms');
    if (gapMs !== undefined && textOf(args, 'speed') !== undefined) {
      throw new UsageError('--speed needs the times of the log: not with --gap or --ignore-times');
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
        timeoutMs: durationOf(args, 'timeout', 'ms') ?? 1000,
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
  throw wrong('loop', text, 'a number above 0, or i');
}

/** By the interface of the log: where its frames go. Undefined: all to where they came from. */
function targetsOf(assignments: readonly string[]): ReadonlyMap<string, string[]> | undefined {
  if (assignments.length === 0) return undefined;
  const targets = new Map<string, string[]>();
  for (const text of assignments) {
    const [to = '', from = '', ...more] = text.split('=');
    if (to === '' || from === '' || more.length > 0) {
      throw new UsageError(`An assignment must be TO=FROM; found ${JSON.stringify(text)}`);
    }
    targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  return targets;
}
