/**
 * How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC, from looks at both.
 *
 * A look is three readings in this order: monotonic, real, monotonic. It proves that the offset lay
 * in [real - after, real - before], an interval as wide as the thread took for the look, which can
 * be milliseconds when it was preempted. Each look that agrees with what is known narrows it; one
 * that does not means that the system clock was set or has drifted, and replaces it.
 */
export class ClockOffset {
  #low = 0n;
  #high = -1n;

  /**
   * Takes a look, all in ns, and returns the least offset that agrees with all that is known, in ns:
   * a time converted by it is never earlier than it was, so that no frame seems to have been
   * received before it was sent.
   */
  look(before: bigint, real: bigint, after: bigint): bigint {
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
}
