import { listInterfaces } from '../../../index';
import { checkCount, durationOf, flagOf, integerOf, receiveBufferOf, sizeOf } from '../../main/arguments';
import { UsageError, type Arguments, type Command, type Terminal } from '../../main/command';
import { decimalsOf, selectionsOf } from '../dump/command';
import { isVirtual } from '../../receive/virtual';
import { record } from './record';

const USAGE = `
Usage: socketcan record [OPTION...] INTERFACE[,FILTER...]... FILE

Writes the frames of interfaces into a candump log until SIGINT (Ctrl-C). All that was received by then is
in it. A file that is there is not overwritten. With one of the first three options the log is in files that
follow each other: trace.000001.log, trace.000002.log, ... for trace.log.

      --max-size SIZE       a new file before this one is larger: 65536, 64k, 10M, 1G
      --max-age TIME        a new file after 90s, 10m, 1h, 1d (s without a unit)
      --keep N              keep N files, remove the oldest, those of earlier runs too
      --append              write behind what is in FILE; a line there that was cut off is ended first
      --decimals 6|9        of the seconds: microseconds (default) or nanoseconds
  -x, --extra               direction: R or T at the end of the line
  -e, --errors              error frames, too, all of them if no #MASK is given
  -n, --count N             end after N frames
  -T, --timeout TIME        end when nothing has come for so long (ms, or 2s, 1m, ...)
  -r, --receive-buffer SIZE of the kernel's receive buffer, in bytes: 65536, 64k, 16M (default 16M)
      --json                the account as JSON on stdout
  -h, --help

Interfaces and filters as in "socketcan dump --help".

Exit code: 0 ended by SIGINT, count or timeout; 1 failed, for example as the disk is full: the message says
how many frames are safe, and no line is cut off; 2 wrong usage.
`;

export const recordCommand: Command = {
  name: 'record',
  summary: 'write the frames of interfaces into log files, with rotation',
  usage: USAGE,
  options: {
    'max-size': { type: 'string' },
    'max-age': { type: 'string' },
    keep: { type: 'string' },
    append: { type: 'boolean' },
    decimals: { type: 'string' },
    extra: { type: 'boolean', short: 'x' },
    errors: { type: 'boolean', short: 'e' },
    count: { type: 'string', short: 'n' },
    timeout: { type: 'string', short: 'T' },
    'receive-buffer': { type: 'string', short: 'r' },
    json: { type: 'boolean' },
  },
  async run(args: Arguments, io: Terminal) {
    checkCount(args, 'INTERFACE... FILE', 2);
    const path = args.positionals.at(-1) ?? '';
    if (isVirtual(path) || listInterfaces().some(({ name }) => name === path)) {
      throw new UsageError(`The last argument is the FILE to write; found the interface ${path}`);
    }
    const rotation = {
      maxSize: sizeOf(args, 'max-size'),
      maxAgeMs: durationOf(args, 'max-age', 's', { least: 1 }),
      keep: integerOf(args, 'keep', { least: 1 }),
    };
    const rotates = rotation.maxSize !== undefined || rotation.maxAgeMs !== undefined;
    const append = flagOf(args, 'append');
    if (rotation.keep !== undefined && !rotates) {
      throw new UsageError('--keep needs --max-size or --max-age, which make more than one file');
    }
    if (append && rotates) throw new UsageError('--append and rotation exclude each other');
    return record(
      selectionsOf(args, args.positionals.slice(0, -1)),
      {
        path,
        rotation: rotates ? rotation : undefined,
        append,
        decimals: decimalsOf(args),
        extra: flagOf(args, 'extra'),
        json: flagOf(args, 'json'),
        count: integerOf(args, 'count', { least: 1 }),
        idleMs: durationOf(args, 'timeout', 'ms', { least: 1 }),
        receiveBufferSize: receiveBufferOf(args),
      },
      io,
    );
  },
};
