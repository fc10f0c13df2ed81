import { filteredInterfacesOf } from '../../interfaces/filtered-interface';
import {
  decimalsOf,
  durationOf,
  flagOf,
  integerOf,
  invalidOption,
  receiveBufferOf,
  textOf,
} from '../../main/arguments';
import type { Arguments, Command } from '../../main/command';
import { UsageError } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import { fileStamp, type TimeKind } from '../../text/time-text';
import { dump, type DumpOptions } from './dump';

const TIMES: Readonly<Record<string, TimeKind>> = {
  a: 'absolute',
  d: 'delta',
  z: 'zero',
  A: 'date',
};

const USAGE = `
Usage: socketcan dump [OPTION...] INTERFACE[,FILTER...]...

Prints the frames of CAN interfaces in the columns of candump, until SIGINT (Ctrl-C). "any" means all CAN
interfaces that exist at the start. Lost frames are reported on stderr, with a summary at the end.

  -t, --time a|d|z|A        print times: absolute, delta, from zero, absolute with date
      --decimals 6|9        decimals of the seconds: microseconds (default) or nanoseconds
  -x, --extra               print the direction (RX, TX) and the CAN FD flags B (bit rate switch) and E
                            (error state)
  -a, --ascii               print the data as characters, too
  -e, --errors              print error frames in words; without #MASK, receive all of them
  -L, --log-stdout          print the log format instead of columns
  -l, --log                 write the log format to candump-DATE_TIME.log instead of stdout
  -f, --file FILE           write the log format to FILE, which must not exist
  -n, --count N             end after N frames
  -T, --timeout TIME        end when no frame arrives for this time (ms, or 2s, 1m, ...)
  -r, --receive-buffer SIZE the kernel's receive buffer, in bytes: 65536, 64k, 16M (default 16M)
      --json                print one line of JSON per frame; times are strings, in ns
  -h, --help

Filters are those of candump, in hex. 8 digits make an extended identifier:
  ID:MASK    passes identifiers that equal ID in the bits of MASK
  ID~MASK    passes all other identifiers
  #MASK      receives error frames of these classes, see linux/can/error.h
  j          a frame must pass all filters instead of one

Examples:
  socketcan dump can0                                 all data and remote frames
  socketcan dump -t z -e can0,123:7FF,400~7F0,#FF any
  socketcan dump -L can0 | gzip > trace.log.gz

Exit code: 0 ended by SIGINT, count, timeout or the reader of stdout; 1 failure; 2 wrong usage.
`;

export const dumpCommand: Command = {
  name: 'dump',
  summary: 'print the frames of interfaces as candump does, or log them',
  usage: USAGE,
  needsPeers: () => true,
  options: {
    time: { type: 'string', short: 't' },
    decimals: { type: 'string' },
    extra: { type: 'boolean', short: 'x' },
    ascii: { type: 'boolean', short: 'a' },
    errors: { type: 'boolean', short: 'e' },
    'log-stdout': { type: 'boolean', short: 'L' },
    log: { type: 'boolean', short: 'l' },
    file: { type: 'string', short: 'f' },
    count: { type: 'string', short: 'n' },
    timeout: { type: 'string', short: 'T' },
    'receive-buffer': { type: 'string', short: 'r' },
    json: { type: 'boolean' },
  },
  run(args: Arguments, io: Terminal) {
    return dump(filteredInterfacesOf(args), optionsOf(args), io);
  },
};

function optionsOf(args: Arguments): DumpOptions {
  const kind = textOf(args, 'time');
  const time = kind === undefined ? undefined : TIMES[kind];
  if (kind !== undefined && time === undefined) {
    throw invalidOption('time', 'a (absolute), d (delta), z (from zero) or A (with date)', kind);
  }
  const formats = ['log-stdout', 'json'].filter((option) => flagOf(args, option));
  if (formats.length > 1) throw new UsageError('--log-stdout and --json exclude each other');
  const file = flagOf(args, 'log')
    ? (textOf(args, 'file') ?? `candump-${fileStamp(new Date())}.log`)
    : textOf(args, 'file');
  return {
    format: formats[0] === 'json' ? 'json' : formats[0] === 'log-stdout' ? 'log' : 'columns',
    // As in candump, a log file replaces the output on stdout, unless the user chose a format for it.
    toStdout: file === undefined || formats.length > 0,
    file,
    time,
    decimals: decimalsOf(args),
    extra: flagOf(args, 'extra'),
    ascii: flagOf(args, 'ascii'),
    errors: flagOf(args, 'errors'),
    count: integerOf(args, 'count', { least: 1 }),
    idleMs: durationOf(args, 'timeout', 'ms', { least: 1 }),
    receiveBufferSize: receiveBufferOf(args),
  };
}
