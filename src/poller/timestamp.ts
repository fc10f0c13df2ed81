import { clock_gettime } from '../libc/clock';
import { CLOCK_REALTIME } from '../libc/constants';
import type { Timestamp } from '../timestamp';
import { RECORD } from './record';
import type { Ring } from './ring';

/** Returns the timestamp of a time of the monotonic clock, in ns. */
export function timestampAt(monotonicNs: bigint): Timestamp {
  const age = process.hrtime.bigint() - monotonicNs;
  return { systemNs: clock_gettime(CLOCK_REALTIME) - age, monotonicNs };
}

/** Returns the current time on both clocks. */
export function timestampNow(): Timestamp {
  return timestampAt(process.hrtime.bigint());
}

/** Returns the times of the record that begins at `offset` of a ring. */
export function timestampOf(ring: Ring, offset: number): Timestamp {
  const systemNs = ring.time(offset, RECORD.system);
  const monotonicNs = ring.time(offset, RECORD.monotonic);
  const hardwareNs = ring.time(offset, RECORD.hardware);
  return hardwareNs === 0n ? { systemNs, monotonicNs } : { systemNs, monotonicNs, hardwareNs };
}
