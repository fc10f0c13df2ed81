import { check } from './errors';
import { libc, negated } from './bindings';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from './constants';
import { LITTLE_ENDIAN } from './endian';
import { host } from './layouts';

const time = Buffer.alloc(host.timespec.size);
const view = new DataView(time.buffer, time.byteOffset, time.byteLength);
const { tv_sec: SEC, tv_nsec: NSEC } = host.timespec.offset;
const wide = host.timespec.size === 16;

/**
 * clock_gettime(2): the clock in ns. CLOCK_MONOTONIC is the clock of process.hrtime.bigint(), the
 * same in every thread.
 */
export function clock_gettime(clock: typeof CLOCK_REALTIME | typeof CLOCK_MONOTONIC): bigint {
  check(negated(libc().clock_gettime(clock, time)), 'clock_gettime');
  return wide
    ? view.getBigInt64(SEC, LITTLE_ENDIAN) * 1_000_000_000n + view.getBigInt64(NSEC, LITTLE_ENDIAN)
    : BigInt(view.getInt32(SEC, LITTLE_ENDIAN)) * 1_000_000_000n + BigInt(view.getInt32(NSEC, LITTLE_ENDIAN));
}
