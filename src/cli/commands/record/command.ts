import { listInterfaces } from '../../../index';
import { filteredInterfacesOf } from '../../interfaces/filtered-interface';
import { isVirtual } from '../../interfaces/virtual';
import { checkCount, decimalsOf, durationOf, flagOf, integerOf, receiveBufferOf, sizeOf } from '../../main/arguments';
import type { Arguments, Command } from '../../main/command';
import { UsageError } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import { record } from './record';

const USAGE = `
Usage: socketcan record [OPTION...] INTERFACE[,FILTER...]... FILE

Writes the frames of interfaces to a candump log until SIGINT (Ctrl-C), including all frames received before.
It does not overwrite an existing file. With --max-size or --max-age it writes numbered files: for trace.log,
trace.000001.log, trace.000002.log, and so on.

      --max-size SIZE       begin a new file before this one exceeds the size: 65536, 64k, 10M, 1G
      --max-age TIME        begin a new file after this time: 90s, 10m, 1h, 1d (s)
      --keep N              keep N files and remove the oldest, including those of earlier runs
      --append              append to FILE; a partial last line is ended first
      --decimals 6|9        decimals of the seconds: microseconds (default) or nanoseconds
  -x, --extra               write the direction, R or T, at the end of each line
  -e, --errors              write error frames as well, all classes if no #MASK is given
  -n, --count N             end after N frames
  -T, --timeout TIME        end when no frame has arrived for this time (ms, or 2s, 1m, ...)
  -r, --receive-buffer SIZE size of the kernel's receive buffer, in bytes: 65536, 64k, 16M (default 16M)
      --json                print the summary as JSON on stdout
  -h, --help

See "socketcan dump --help" for interfaces and filters.

Exit code: 0 ended by SIGINT, count or timeout; 1 failed, for example because the disk is full: the message says
how many frames are safe, and the last line is complete; 2 wrong usage.
`;

export const recordCommand: Command = {
  name: 'record',
  summary: 'write the frames of interfaces to log files, with rotation',
  usage: USAGE,
  needsPeers: () => true,
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
      throw new UsageError(`The last argument must be the FILE to write; found the interface ${path}`);
    }
    const rotation = {
      maxSize: sizeOf(args, 'max-size'),
      maxAgeMs: durationOf(args, 'max-age', 's', { least: 1 }),
      keep: integerOf(args, 'keep', { least: 1 }),
    };
    const rotates = rotation.maxSize !== undefined || rotation.maxAgeMs !== undefined;
    const append = flagOf(args, 'append');
    if (rotation.keep !== undefined && !rotates) {
      throw new UsageError('--keep needs --max-size or --max-age');
    }
    if (append && rotates) throw new UsageError('--append excludes --max-size and --max-age');
    return record(
      filteredInterfacesOf(args, args.positionals.slice(0, -1)),
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
