import {
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SOF_TIMESTAMPING_RAW_HARDWARE,
  SOF_TIMESTAMPING_RX_HARDWARE,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOL_SOCKET,
} from '../../libc/constants';
import type { setsockoptInt } from '../../libc/socket';
import type { timestampingOf } from '../../libc/interface';
import type { TimestampSource } from '../endpoint';

/** The socket options that enable timestamps, by their numbers since Linux 5.1 and before, and their value. */
const OPTIONS = {
  software: { since51: SO_TIMESTAMPNS_NEW, before51: SO_TIMESTAMPNS_OLD, value: 1 },
  hardware: {
    since51: SO_TIMESTAMPING_NEW,
    before51: SO_TIMESTAMPING_OLD,
    value:
      SOF_TIMESTAMPING_RX_SOFTWARE |
      SOF_TIMESTAMPING_SOFTWARE |
      SOF_TIMESTAMPING_RX_HARDWARE |
      SOF_TIMESTAMPING_RAW_HARDWARE,
  },
} as const;

/** Returns the kind of timestamps to use: 'hardware' only if it is wanted and the interface offers it. */
export function chooseTimestamps(
  fd: number,
  name: string,
  wanted: TimestampSource,
  calls: { readonly timestampingOf: typeof timestampingOf },
): TimestampSource {
  if (wanted === 'software') return wanted;
  const offered = calls.timestampingOf(fd, name);
  return offered > 0 && (offered & SOF_TIMESTAMPING_RX_HARDWARE) !== 0 ? 'hardware' : 'software';
}

/** Enables the timestamps of a socket. Returns 0, or a negative error number. */
export function enableTimestamps(
  fd: number,
  timestamps: TimestampSource,
  calls: { readonly setsockoptInt: typeof setsockoptInt },
): number {
  const { since51, before51, value } = OPTIONS[timestamps];
  const result = calls.setsockoptInt(fd, SOL_SOCKET, since51, value);
  return result < 0 ? calls.setsockoptInt(fd, SOL_SOCKET, before51, value) : result;
}
