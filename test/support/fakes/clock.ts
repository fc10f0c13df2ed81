import { LONGEST_TIMER_MS, type Clock, type ClockImmediate, type ClockTimer } from '../../../src/clock';

/** Nanoseconds in a millisecond. */
export const MS = 1_000_000n;

class FakeTimer implements ClockTimer, ClockImmediate {
  readonly atNs: bigint;
  readonly run: () => void;
  referenced = true;

  constructor(atNs: bigint, run: () => void) {
    this.atNs = atNs;
    this.run = run;
  }

  ref(): this {
    this.referenced = true;
    return this;
  }

  unref(): this {
    this.referenced = false;
    return this;
  }
}

/** Runs all promise reactions that are ready, in a turn of the real event loop. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * A clock that stands still until a test lets time pass. Timers run in the order of their times, each at
 * exactly its time. As in Node.js, promise reactions run after each timer and each immediate, and what an
 * immediate sets runs in the next turn.
 */
export class FakeClock implements Clock {
  #nowNs: bigint;
  #timers: FakeTimer[] = [];
  #immediates = new Set<FakeTimer>();
  /** Turns of the event loop so far. */
  turns = 0;
  /** How much too early timers run, in ns. Those of Node.js run up to 1 ms early, since it counts whole ms. */
  earlyNs = 0n;

  constructor(startNs = 1_000n * MS) {
    this.#nowNs = startNs;
  }

  now(): bigint {
    return this.#nowNs;
  }

  /** @throws {RangeError} for a wait that makes Node.js print a warning */
  setTimeout(run: () => void, ms: number): FakeTimer {
    if (!(ms >= 0 && ms <= LONGEST_TIMER_MS)) throw new RangeError(`A timer of ${ms} ms`);
    const waitNs = BigInt(Math.max(1, Math.trunc(ms))) * MS - this.earlyNs;
    const timer = new FakeTimer(this.#nowNs + waitNs, run);
    const later = this.#timers.findIndex(({ atNs }) => atNs > timer.atNs);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    return timer;
  }

  clearTimeout(timer: ClockTimer | undefined): void {
    this.#timers = this.#timers.filter((each) => each !== timer);
  }

  setImmediate(run: () => void): FakeTimer {
    const immediate = new FakeTimer(this.#nowNs, run);
    this.#immediates.add(immediate);
    return immediate;
  }

  clearImmediate(immediate: ClockImmediate | undefined): void {
    this.#immediates.delete(immediate as FakeTimer);
  }

  /** The waits of the timers that run, in ns from now, the first due first. */
  get waits(): bigint[] {
    return this.#timers.map(({ atNs }) => atNs - this.#nowNs);
  }

  /** How many of the timers that run keep the process alive. */
  get referencedTimers(): number {
    return this.#timers.filter(({ referenced }) => referenced).length;
  }

  /** How many immediates wait for the next turn. */
  get immediates(): number {
    return this.#immediates.size;
  }

  /** Time passes while code runs: the event loop does not turn, and timers become late. */
  spend(ns: bigint): void {
    this.#nowNs += ns;
  }

  /** One turn of the event loop, without time passing: timers that are due, then the immediates. */
  async turn(): Promise<void> {
    await settle();
    this.turns++;
    for (let timer = this.#takeDue(); timer !== undefined; timer = this.#takeDue()) {
      timer.run();
      await settle();
    }
    const immediates = [...this.#immediates];
    for (const immediate of immediates) {
      if (!this.#immediates.delete(immediate)) continue;
      immediate.run();
      await settle();
    }
  }

  /** Lets time pass, in ns: the loop turns for each timer that becomes due, and while there are immediates. */
  async advance(ns: bigint): Promise<void> {
    const endNs = this.#nowNs + ns;
    while (await this.#step(endNs));
    if (this.#nowNs < endNs) this.#nowNs = endNs;
  }

  /**
   * Lets time pass until a promise settles, and returns what it gives.
   *
   * @throws {Error} when no timer and no immediate is left, so that it would wait for ever
   */
  async run<T>(promise: Promise<T>): Promise<T> {
    const progress = { settled: false };
    const end = (): void => {
      progress.settled = true;
    };
    promise.then(end, end);
    await settle();
    while (!progress.settled) {
      if (await this.#step()) continue;
      throw new Error('The promise waits although no timer and no immediate is left');
    }
    return promise;
  }

  /** Goes to the next event by this time and turns the loop there. Returns false without such an event. */
  async #step(endNs?: bigint): Promise<boolean> {
    await settle();
    if (this.#immediates.size === 0) {
      const next = this.#timers[0]?.atNs;
      if (next === undefined || (endNs !== undefined && next > endNs)) return false;
      if (next > this.#nowNs) this.#nowNs = next;
    }
    await this.turn();
    return true;
  }

  #takeDue(): FakeTimer | undefined {
    const first = this.#timers[0];
    if (first === undefined || first.atNs > this.#nowNs) return undefined;
    this.#timers.shift();
    return first;
  }
}
