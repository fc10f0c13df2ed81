import { LONGEST_TIMER_MS } from '../clock';
import { invalidArgument } from '../errors';

/** Nanoseconds in a millisecond. */
const MS = 1_000_000n;

interface Appointment {
  readonly at: bigint;
  readonly run: () => void;
}

/**
 * The time of a bus: the monotonic clock, or virtual time, which passes only when a test advances it,
 * so that each run gives the same result.
 */
export class Timeline {
  #virtualNow: bigint | undefined;
  #agenda: Appointment[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param virtual whether time starts at 0 and passes only by {@link advance} */
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

  /**
   * Runs a function at a time, in ns. Appointments of the same time run in the order they were made.
   */
  at(time: bigint, run: () => void): void {
    const later = this.#agenda.findIndex((each) => each.at > time);
    this.#agenda.splice(later < 0 ? this.#agenda.length : later, 0, { at: time, run });
    this.#wind();
  }

  /**
   * Advances virtual time by this many ns, and runs each appointment at its time.
   *
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_OPTION`: time is not virtual, or `ns` is negative
   */
  advance(ns: bigint): void {
    if (this.#virtualNow === undefined) {
      throw invalid(new TypeError('Only virtual time can be advanced: configure({ virtualTime: true })'));
    }
    if (typeof (ns as unknown) !== 'bigint') {
      throw invalid(new TypeError(`Time is advanced by a bigint of ns, not ${typeof ns}`));
    }
    if (ns < 0n) throw invalid(new RangeError(`Time is advanced by 0 ns or more, not ${String(ns)}`));
    const end = this.#virtualNow + ns;
    this.#runDue(end, (at) => {
      this.#virtualNow = at;
    });
    this.#virtualNow = end;
  }

  /** Drops all appointments. */
  clear(): void {
    this.#agenda = [];
    this.#wind();
  }

  #runDue(end: bigint, arrive: (at: bigint) => void): void {
    for (let next = this.#agenda[0]; next !== undefined && next.at <= end; next = this.#agenda[0]) {
      this.#agenda.shift();
      arrive(next.at);
      next.run();
    }
  }

  /** Sets one timer for the first appointment, unless time is virtual. It does not keep the process alive. */
  #wind(): void {
    clearTimeout(this.#timer);
    const next = this.#agenda[0];
    if (this.virtual || next === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#runDue(process.hrtime.bigint(), () => undefined);
        this.#wind();
      },
      timerMs(next.at - process.hrtime.bigint()),
    ).unref();
  }
}

/** A time in ns as the whole ms of a timer: a negative one makes Node 24 and later print a warning. */
function timerMs(ns: bigint): number {
  return Math.min(Math.max(0, Number(ns / MS)), LONGEST_TIMER_MS);
}

function invalid(error: TypeError | RangeError): Error {
  return invalidArgument(error, 'ERR_SOCKETCAN_INVALID_OPTION');
}
