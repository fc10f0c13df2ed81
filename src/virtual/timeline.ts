import { LONGEST_TIMER_MS } from '../clock';
import { checkBigint, invalidValue } from '../options/check';
import { INVALID_OPTION } from '../options/invalid';

const NS_PER_MS = 1_000_000n;

interface ScheduledCall {
  readonly timeNs: bigint;
  readonly run: () => void;
}

/**
 * The clock of a bus, and the calls scheduled on it. It follows the monotonic clock, or virtual time, which only
 * advances on request, so that each run of a test gives the same result.
 */
export class Timeline {
  #virtualNow: bigint | undefined;
  /** The earliest call first. */
  #calls: ScheduledCall[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param virtual whether time starts at 0 and only advances by {@link advance} */
  constructor(virtual: boolean) {
    this.#virtualNow = virtual ? 0n : undefined;
  }

  get virtual(): boolean {
    return this.#virtualNow !== undefined;
  }

  /** The time in ns: monotonic, or since the start of virtual time. */
  get now(): bigint {
    return this.#virtualNow ?? process.hrtime.bigint();
  }

  /** Schedules a call. Calls of the same time run in the order in which they were scheduled. */
  at(timeNs: bigint, run: () => void): void {
    const later = this.#calls.findIndex((each) => each.timeNs > timeNs);
    this.#calls.splice(later < 0 ? this.#calls.length : later, 0, { timeNs, run });
    this.#setTimer();
  }

  /**
   * Advances virtual time, and runs each scheduled call at its time.
   *
   * @param ns nanoseconds, 0 or more
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_OPTION`: time is not virtual, or `ns` is invalid
   */
  advance(ns: bigint): void {
    if (this.#virtualNow === undefined) {
      throw INVALID_OPTION.type('advance() needs virtual time. Turn it on with configure({ virtualTime: true })');
    }
    const what = 'The time to advance';
    if (checkBigint(what, ns) < 0n) throw invalidValue(what, '0 ns or more', ns, true);
    const end = this.#virtualNow + ns;
    this.#runDue(end, (timeNs) => {
      this.#virtualNow = timeNs;
    });
    this.#virtualNow = end;
  }

  /** Removes all scheduled calls. */
  clear(): void {
    this.#calls = [];
    this.#setTimer();
  }

  #runDue(end: bigint, onTime: (timeNs: bigint) => void): void {
    for (let next = this.#calls[0]; next !== undefined && next.timeNs <= end; next = this.#calls[0]) {
      this.#calls.shift();
      onTime(next.timeNs);
      next.run();
    }
  }

  /** Sets a timer for the first call, unless time is virtual. The timer does not keep the process alive. */
  #setTimer(): void {
    clearTimeout(this.#timer);
    const next = this.#calls[0];
    if (this.virtual || next === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#runDue(process.hrtime.bigint(), () => undefined);
        this.#setTimer();
      },
      timerMs(next.timeNs - process.hrtime.bigint()),
    ).unref();
  }
}

/** Converts ns to the whole ms of a timer. Node 24 and later print a warning for a negative time. */
function timerMs(ns: bigint): number {
  return Math.min(Math.max(0, Number(ns / NS_PER_MS)), LONGEST_TIMER_MS);
}
