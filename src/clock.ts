/** The longest delay that setTimeout() accepts, in ms. */
export const LONGEST_TIMER_MS = 0x7fff_ffff;

/** A timer of a {@link Clock}. */
export interface ClockTimer {
  /** Keeps the process alive while the timer runs, which is the default. */
  ref(): unknown;
  /** Lets the process end even while the timer runs. */
  unref(): unknown;
}

/** An immediate of a {@link Clock}. */
export interface ClockImmediate {
  /** Lets the process end even while the immediate waits. */
  unref(): unknown;
}

/**
 * Monotonic time and the timers of the event loop. Code that waits takes a clock as a parameter, with
 * {@link systemClock} as default, so that tests can let time pass without waiting for it.
 */
export interface Clock {
  /** The monotonic time, in ns. */
  now(): bigint;
  /** Runs a function once, after this many ms: 1 to {@link LONGEST_TIMER_MS}. */
  setTimeout(run: () => void, ms: number): ClockTimer;
  clearTimeout(timer: ClockTimer | undefined): void;
  /** Runs a function once, in the next turn of the event loop. */
  setImmediate(run: () => void): ClockImmediate;
  clearImmediate(immediate: ClockImmediate | undefined): void;
}

/** The clock of process.hrtime.bigint(), which is CLOCK_MONOTONIC, and the timers of Node.js. */
export const systemClock: Clock = {
  now: () => process.hrtime.bigint(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => {
    clearTimeout(timer as NodeJS.Timeout | undefined);
  },
  setImmediate: (run) => setImmediate(run),
  clearImmediate: (immediate) => {
    clearImmediate(immediate as NodeJS.Immediate | undefined);
  },
};
