const SECOND_NS = 1e9;
/** The least duration and number of intervals of a run. */
const RUN_NS = SECOND_NS;
const RUN_INTERVALS = 8;
/** The least duration and number of periods of a silence, after which the window starts over. */
const SILENCE_NS = 2 * SECOND_NS;
const SILENCE_PERIODS = 10;

/** Consecutive intervals between arrivals. */
interface Run {
  readonly startNs: number;
  count: number;
  shortestNs: number;
  longestNs: number;
}

function newRun(startNs: number): Run {
  return { startNs, count: 0, shortestNs: Infinity, longestNs: 0 };
}

/**
 * Measures period, jitter and rate of arrivals over a window of the last 1 to 2 s, or of the last 8 to 16 intervals if
 * these take longer. After a silence of 2 s and 10 periods the window starts over. Memory and time per arrival are
 * constant.
 */
export class Timing {
  #previous: Run | undefined;
  #run: Run | undefined;
  #lastNs = 0;

  /** @param atNs time of the arrival (monotonic ns). An earlier time than the last counts as the last */
  add(atNs: number): void {
    const run = this.#run;
    if (run === undefined) {
      this.#begin(atNs);
      return;
    }
    const interval = Math.max(0, atNs - this.#lastNs);
    if (interval > SILENCE_NS && interval > SILENCE_PERIODS * (this.periodNs ?? Infinity)) {
      this.#begin(atNs);
      return;
    }
    this.#lastNs += interval;
    run.count++;
    if (interval < run.shortestNs) run.shortestNs = interval;
    if (interval > run.longestNs) run.longestNs = interval;
    if (run.count >= RUN_INTERVALS && this.#lastNs - run.startNs >= RUN_NS) {
      this.#previous = run;
      this.#run = newRun(this.#lastNs);
    }
  }

  /** The time of the last arrival. */
  get lastNs(): number {
    return this.#lastNs;
  }

  /** The mean interval of the window, in ns. Undefined before the second arrival. */
  get periodNs(): number | undefined {
    const count = this.#intervals;
    return count === 0 ? undefined : (this.#lastNs - this.#startNs) / count;
  }

  /** The largest difference between an interval of the window and the mean, in ns. */
  get jitterNs(): number | undefined {
    const mean = this.periodNs;
    if (mean === undefined) return undefined;
    let jitter = 0;
    for (const run of [this.#previous, this.#run]) {
      if (run === undefined || run.count === 0) continue;
      jitter = Math.max(jitter, run.longestNs - mean, mean - run.shortestNs);
    }
    return jitter;
  }

  /** Arrivals per second; 0 before the second arrival. When the next arrival is late, the rate falls as 1 / time. */
  rate(nowNs: number): number {
    const period = this.periodNs;
    if (period === undefined) return 0;
    const late = nowNs - this.#lastNs > period;
    if (late) return (SECOND_NS * (this.#intervals + 1)) / (nowNs - this.#startNs);
    // All arrivals have the same time: their rate is undefined.
    return period === 0 ? 0 : SECOND_NS / period;
  }

  clone(): Timing {
    const copy = new Timing();
    copy.#previous = this.#previous;
    copy.#run = this.#run === undefined ? undefined : { ...this.#run };
    copy.#lastNs = this.#lastNs;
    return copy;
  }

  get #startNs(): number {
    return (this.#previous ?? this.#run)?.startNs ?? 0;
  }

  get #intervals(): number {
    return (this.#previous?.count ?? 0) + (this.#run?.count ?? 0);
  }

  #begin(atNs: number): void {
    this.#previous = undefined;
    this.#run = newRun(atNs);
    this.#lastNs = atNs;
  }
}
