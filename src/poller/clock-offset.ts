/** A sample this narrow, in ns, ends the calibration. At most this many samples are taken. */
const NARROW_NS = 10_000n;
const MOST_SAMPLES = 16;

/**
 * How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC, from samples of both clocks.
 *
 * A sample is three readings in this order: monotonic, real, monotonic. It proves that the offset is in
 * [real - after, real - before]. This interval is as wide as the time that the readings took, which can be milliseconds
 * if the thread was preempted. A sample that agrees with the current interval narrows it. A sample that does not
 * agree means that the system clock was set or has drifted, and replaces it.
 */
export class ClockOffset {
  #low = 0n;
  #high = -1n;
  #calibrated = false;

  /**
   * Takes a sample, all in ns, and returns the smallest offset that agrees with all samples, in ns. A time that is
   * converted with it is never too early: no frame seems to arrive before it was sent.
   */
  sample(before: bigint, real: bigint, after: bigint): bigint {
    const low = real - after;
    const high = real - before;
    const narrowLow = low > this.#low ? low : this.#low;
    const narrowHigh = high < this.#high ? high : this.#high;
    if (narrowLow <= narrowHigh) {
      this.#low = narrowLow;
      this.#high = narrowHigh;
    } else {
      this.#low = low;
      this.#high = high;
    }
    return this.#low;
  }

  /**
   * Takes samples until one is narrow, once. The first reads of a process are slow, so their samples are wide. Frames
   * of two sockets that are read one after the other would then be converted with different offsets.
   */
  calibrate(monotonic: () => bigint, real: () => bigint): void {
    if (this.#calibrated) return;
    this.#calibrated = true;
    for (let taken = 0; taken < MOST_SAMPLES; taken++) {
      const before = monotonic();
      const between = real();
      const after = monotonic();
      this.sample(before, between, after);
      if (after - before < NARROW_NS) return;
    }
  }
}
