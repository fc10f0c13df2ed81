import { clock_gettime } from '../libc/clock';
import { CLOCK_REALTIME } from '../libc/constants';

/** A moment on both of the host's clocks, in ns. */
export interface Timestamp {
  /** On CLOCK_REALTIME, ns since 1970; of a frame, the kernel's time of reception. */
  readonly systemNs: bigint;
  /** The same moment on CLOCK_MONOTONIC, the clock of process.hrtime.bigint(). Of frames it never decreases. */
  readonly monotonicNs: bigint;
  /**
   * Of a frame, when the controller received it, in ns by the controller's own clock, whose zero is its
   * own affair. Only with `timestamps: 'hardware'`, and where the driver has stamped the frame.
   */
  readonly hardwareNs?: bigint;
}

/** A moment of the monotonic clock on both clocks, in ns. */
export function timestampAt(monotonicNs: bigint): Timestamp {
  const age = process.hrtime.bigint() - monotonicNs;
  return { systemNs: clock_gettime(CLOCK_REALTIME) - age, monotonicNs };
}

export function timestampNow(): Timestamp {
  return timestampAt(process.hrtime.bigint());
}
