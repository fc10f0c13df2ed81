import { DataFrame } from '../../../index';
import { checkCount, durationOf, flagOf, integerOf, numberOf, textOf, wrong } from '../../main/arguments';
import { UsageError, type Arguments, type Command, type Terminal } from '../../main/command';
import { generate } from './generate';
import type { Change, Pattern } from './pattern';

const USAGE = `
Usage: socketcan gen [OPTION...] INTERFACE

Sends generated frames, until the count, the time, or SIGINT (Ctrl-C), and then says exactly what became
of them. Without --rate or --gap as fast as the kernel takes them, which may fill the bus.

      --rate N          frames a second
  -g, --gap TIME        the same as the time from frame to frame (ms)
      --burst N         so many at once; the rate stays the same (default 1)
  -n, --count N         end after N frames
      --time TIME       end after this time (s, or 500ms, 2m, ...)
  -I, --id r|i|HEX      identifiers: random (default), incremented, fixed (more than 3 digits: extended)
  -L, --length r|i|N    bytes of data: random (default), incremented, fixed
  -D, --data r|i|HEX    data: random (default), incremented (little-endian, as cangen), fixed
  -e, --extended        29 bits of identifier
  -f, --fd              CAN FD frames
  -b, --brs             with bit rate switch (implies --fd)
  -E, --esi             with the error state indicator (implies --fd)
  -R, --rtr             remote frames
  -m, --mix             base and extended, data and remote, with --fd also CAN FD, at random
      --seed N          the same random frames again
      --timeout TIME    a frame that the kernel does not take for so long has expired (ms; default 1s)
      --json            the account as JSON on stdout
  -h, --help

Examples:
  socketcan gen can0 --rate 1000 --count 5000
  socketcan gen can0 --gap 10 -I 123 -L 8 -D i --time 1m

Exit code: 0 all sent; 1 some expired or were refused, or failed; 2 wrong usage; 130 interrupted before
the count or time.
`;

export const genCommand: Command = {
  name: 'gen',
  summary: 'send generated frames at a rate, in bursts or as fast as it goes',
  usage: USAGE,
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
        timeoutMs: durationOf(args, 'timeout', 'ms') ?? 1000,
        json: flagOf(args, 'json'),
      },
      io,
    );
  },
};

/** Frames a second; Infinity: as fast as it goes. */
function rateOf(args: Arguments): number {
  const rate = numberOf(args, 'rate', { least: 0.001, most: 1e7 });
  const gapMs = durationOf(args, 'gap', 'ms');
  if (rate !== undefined && gapMs !== undefined) {
    throw new UsageError('--rate and --gap exclude each other: both say how fast');
  }
  return rate ?? (gapMs === undefined ? Infinity : 1000 / gapMs);
}

function patternOf(args: Arguments): Pattern {
  const identifier = changeOf(args, 'id', identifierOf);
  const brs = flagOf(args, 'brs');
  const esi = flagOf(args, 'esi');
  const fd = flagOf(args, 'fd') || brs || esi;
  const remote = flagOf(args, 'rtr');
  if (fd && remote) throw new UsageError('--rtr and CAN FD exclude each other');
  const length = changeOf(args, 'length', (text) => lengthOf(text, fd));
  const data = changeOf(args, 'data', dataOf);
  const fixedId = textOf(args, 'id') ?? '';
  const extended = flagOf(args, 'extended') || (typeof identifier === 'number' && fixedId.length > 3);
  if (typeof identifier === 'number' && !extended && identifier > 0x7ff) {
    throw new UsageError(`--id must not be above 7FF without --extended; found "${fixedId}"`);
  }
  if (data instanceof Uint8Array && data.length > (fd ? 64 : 8)) {
    throw new UsageError(`--data has ${data.length} bytes, more than a frame takes`);
  }
  return {
    identifier,
    // Fixed data have their own length, unless another is asked for.
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

function changeOf<T>(args: Arguments, option: string, fixed: (text: string) => T): Change<T> {
  const text = textOf(args, option) ?? 'r';
  if (text === 'r') return 'random';
  return text === 'i' ? 'increment' : fixed(text);
}

function identifierOf(text: string): number {
  const value = /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : Infinity;
  if (value <= 0x1fffffff) return value;
  throw wrong('id', text, 'r (random), i (incremented) or an identifier in hex up to 1FFFFFFF');
}

function lengthOf(text: string, fd: boolean): number {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Infinity;
  const most = fd ? 64 : 8;
  if (value <= most && DataFrame.requiredPadding(value) === 0) return value;
  const valid = fd ? '0 to 8, 12, 16, 20, 24, 32, 48, 64' : '0 to 8 (CAN FD, with --fd, has more)';
  throw wrong('length', text, `r (random), i (incremented) or a number of bytes: ${valid}`);
}

function dataOf(text: string): Uint8Array {
  const digits = text.replaceAll('.', '');
  if (/^(?:[0-9a-f]{2})*$/i.test(digits) && DataFrame.requiredPadding(Math.min(digits.length / 2, 64)) === 0) {
    return Uint8Array.from(Buffer.from(digits, 'hex'));
  }
  throw wrong('data', text, 'r (random), i (incremented) or hex digits, two a byte, of a valid length');
}
