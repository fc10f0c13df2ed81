import { libc, negativeErrno } from './bindings';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from './constants';
import { check } from './errors';
import { host } from './layouts';
import { LITTLE_ENDIAN } from './memory';

const time = Buffer.alloc(host.timespec.size);
const view = new DataView(time.buffer, time.byteOffset, time.byteLength);
const { tv_sec: SEC, tv_nsec: NSEC } = host.timespec.offset;
const NS_PER_SECOND = 1_000_000_000n;
const wide = host.timespec.size === 16;

/**
 * clock_gettime(2). Returns the time of the clock in ns. CLOCK_MONOTONIC is the clock of process.hrtime.bigint(),
 * the same in every thread.
 */
export function clock_gettime(clock: typeof CLOCK_REALTIME | typeof CLOCK_MONOTONIC): bigint {
  check(negativeErrno(libc().clock_gettime(clock, time)), 'clock_gettime');
  return wide
    ? view.getBigInt64(SEC, LITTLE_ENDIAN) * NS_PER_SECOND + view.getBigInt64(NSEC, LITTLE_ENDIAN)
    : BigInt(view.getInt32(SEC, LITTLE_ENDIAN)) * NS_PER_SECOND + BigInt(view.getInt32(NSEC, LITTLE_ENDIAN));
}
