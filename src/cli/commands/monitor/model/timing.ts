const SECOND_NS = 1e9;
/** A run of intervals lasts this long at least, and has this many. */
const RUN_NS = SECOND_NS;
const RUN_INTERVALS = 8;
/** Silence that ends all: this long, and this many periods. */
const SILENCE_NS = 2 * SECOND_NS;
const SILENCE_PERIODS = 10;

/** Intervals between arrivals that follow each other. */
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
 * Period, jitter and rate of something that arrives again and again, over a window of the last 1 to
 * 2 s, or of the last 8 to 16 intervals where these take longer. After a silence of 2 s and 10 periods
 * it begins anew. Takes no more memory and no more time however many arrive.
 */
export class Timing {
  #previous: Run | undefined;
  #run: Run | undefined;
  #lastNs = 0;

  /** @param atNs when it arrived, monotonic, in ns; what is earlier than the last is taken as that */
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

  /** When the last arrived. */
  get lastNs(): number {
    return this.#lastNs;
  }

  /** The mean interval of the window in ns; undefined before there are two arrivals. */
  get periodNs(): number | undefined {
    const count = this.#intervals;
    return count === 0 ? undefined : (this.#lastNs - this.#startNs) / count;
  }

  /** By how much an interval of the window differs from the mean at most, in ns. */
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

  /**
   * Arrivals a second. It falls from the moment on when the next is late, as 1 / time; 0 before there
   * are two arrivals.
   */
  rate(nowNs: number): number {
    const period = this.periodNs;
    if (period === undefined) return 0;
    const late = nowNs - this.#lastNs > period;
    if (late) return (SECOND_NS * (this.#intervals + 1)) / (nowNs - this.#startNs);
    // All at the same moment: there is no telling how many it would be in a second.
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
