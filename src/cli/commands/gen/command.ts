import { FrameFormat } from '../../../index';
import { describe } from '../../../options/describe';
import { checkCount, durationOf, flagOf, integerOf, invalidOption, numberOf, textOf } from '../../main/arguments';
import type { Arguments, Command } from '../../main/command';
import { UsageError } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import { DEFAULT_TIMEOUT_MS } from '../../send/send-frames';
import { validLengths, type FramePattern, type Variation } from './frame-generator';
import { generate } from './generate';

const USAGE = `
Usage: socketcan gen [OPTION...] INTERFACE

Sends generated frames until the count, the time or SIGINT (Ctrl-C), and then prints a summary with the
outcome of every frame. Without --rate and --gap, it sends as fast as the kernel accepts frames, which may
fill the bus.

      --rate N          frames per second
  -g, --gap TIME        time from frame to frame, instead of a rate (ms)
      --burst N         frames sent together; the rate stays the same (default 1)
  -n, --count N         end after N frames
      --time TIME       end after this time (s, or 500ms, 2m, ...)
  -I, --id r|i|HEX      identifier: random (default), incremented, or fixed (more than 3 digits: extended)
  -L, --length r|i|N    bytes of data: random (default), incremented, or fixed
  -D, --data r|i|HEX    data: random (default), incremented (little-endian, as cangen does), or fixed
  -e, --extended        extended frames (29-bit identifiers)
  -f, --fd              CAN FD frames
  -b, --brs             CAN FD frames with bit rate switch
  -E, --esi             CAN FD frames with error state indicator
  -R, --rtr             remote frames
  -m, --mix             random mix of base and extended, data and remote, and with --fd CAN FD frames
      --seed N          repeat the random frames of an earlier run
      --timeout TIME    how long a frame may wait for the kernel before it expires (ms; default 1s)
      --json            print the summary as JSON on stdout
  -h, --help

Examples:
  socketcan gen can0 --rate 1000 --count 5000
  socketcan gen can0 --gap 10 -I 123 -L 8 -D i --time 1m

Exit code: 0 all frames sent; 1 some expired or were refused, or the command failed; 2 wrong usage;
130 interrupted before the count or time.
`;

export const genCommand: Command = {
  name: 'gen',
  summary: 'send generated frames at a rate, in bursts, or as fast as possible',
  usage: USAGE,
  needsPeers: () => true,
  options: {
    rate: { type: 'string' },
    gap: { type: 'string', short: 'g' },
    burst: { type: 'string' },
    count: { type: 'string', short: 'n' },
    time: { type: 'string' },
    id: { type: 'string', short: 'I' },
    length: { type: 'string', short: 'L' },
    data: { type: 'string', short: 'D' },
    extended: { type: 'boolean', short: 'e' },
    fd: { type: 'boolean', short: 'f' },
    brs: { type: 'boolean', short: 'b' },
    esi: { type: 'boolean', short: 'E' },
    rtr: { type: 'boolean', short: 'R' },
    mix: { type: 'boolean', short: 'm' },
    seed: { type: 'string' },
    timeout: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(args: Arguments, io: Terminal) {
    checkCount(args, 'INTERFACE', 1, 1);
    const [interfaceName = ''] = args.positionals;
    const seed = integerOf(args, 'seed') ?? Math.floor(Math.random() * 2 ** 32);
    return generate(
      interfaceName,
      {
        pattern: patternOf(args),
        seed,
        rate: rateOf(args),
        burst: integerOf(args, 'burst', { least: 1, most: 1e6 }) ?? 1,
        count: integerOf(args, 'count', { least: 1 }) ?? Infinity,
        timeMs: durationOf(args, 'time', 's') ?? Infinity,
        timeoutMs: durationOf(args, 'timeout', 'ms') ?? DEFAULT_TIMEOUT_MS,
        json: flagOf(args, 'json'),
      },
      io,
    );
  },
};

/** Frames per second; Infinity: as fast as possible. */
function rateOf(args: Arguments): number {
  const rate = numberOf(args, 'rate', { least: 0.001, most: 1e7 });
  const gapMs = durationOf(args, 'gap', 'ms');
  if (rate !== undefined && gapMs !== undefined) {
    throw new UsageError('--rate and --gap exclude each other');
  }
  return rate ?? (gapMs === undefined ? Infinity : 1000 / gapMs);
}

function patternOf(args: Arguments): FramePattern {
  const identifier = variationOf(args, 'id', identifierOf);
  const brs = flagOf(args, 'brs');
  const esi = flagOf(args, 'esi');
  const fd = flagOf(args, 'fd') || brs || esi;
  const remote = flagOf(args, 'rtr');
  if (fd && remote) throw new UsageError('--rtr and CAN FD exclude each other');
  const length = variationOf(args, 'length', (text) => lengthOf(text, fd));
  const data = variationOf(args, 'data', dataOf);
  const fixedId = textOf(args, 'id') ?? '';
  const extended = flagOf(args, 'extended') || (typeof identifier === 'number' && fixedId.length > 3);
  if (typeof identifier === 'number' && !extended && identifier >= 2 ** FrameFormat.Base) {
    throw new UsageError(`--id must be from 0 to 7FF without --extended; found ${describe(fixedId)}`);
  }
  const longest = validLengths(fd).at(-1) ?? 0;
  if (data instanceof Uint8Array && data.length > longest) {
    throw new UsageError(`--data must have up to ${longest} bytes${fd ? '' : ' without --fd'}; found ${data.length}`);
  }
  return {
    identifier,
    // Without --length, fixed data have their own length.
    length: data instanceof Uint8Array && textOf(args, 'length') === undefined ? data.length : length,
    data,
    extended,
    fd,
    brs,
    esi,
    remote,
    mix: flagOf(args, 'mix'),
  };
}

function variationOf<T>(args: Arguments, option: string, fixed: (text: string) => T): Variation<T> {
  const text = textOf(args, option) ?? 'r';
  if (text === 'r') return 'random';
  return text === 'i' ? 'increment' : fixed(text);
}

function identifierOf(text: string): number {
  const value = /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : Infinity;
  if (value < 2 ** FrameFormat.Extended) return value;
  throw invalidOption('id', 'r (random), i (incremented) or an identifier in hex up to 1FFFFFFF', text);
}

function lengthOf(text: string, fd: boolean): number {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Infinity;
  if (validLengths(fd).includes(value)) return value;
  const valid = fd ? '0 to 8, 12, 16, 20, 24, 32, 48 or 64' : '0 to 8 (or more with --fd)';
  throw invalidOption('length', `r (random), i (incremented) or a number of bytes: ${valid}`, text);
}

function dataOf(text: string): Uint8Array {
  const digits = text.replaceAll('.', '');
  if (/^(?:[0-9a-f]{2})*$/i.test(digits) && validLengths(true).includes(digits.length / 2)) {
    return Uint8Array.from(Buffer.from(digits, 'hex'));
  }
  throw invalidOption(
    'data',
    'r (random), i (incremented) or hex digits for 0 to 8, 12, 16, 20, 24, 32, 48 or 64 bytes',
    text,
  );
}
