import { clock_gettime } from '../libc/clock';
import { CLOCK_REALTIME } from '../libc/constants';
import type { Timestamp } from '../timestamp';

/** A time of the monotonic clock, in ns, on both clocks. */
export function timestampAt(monotonicNs: bigint): Timestamp {
  const age = process.hrtime.bigint() - monotonicNs;
  return { systemNs: clock_gettime(CLOCK_REALTIME) - age, monotonicNs };
}

/** The current time on both clocks. */
export function timestampNow(): Timestamp {
  return timestampAt(process.hrtime.bigint());
}
