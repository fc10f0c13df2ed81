/** Nanoseconds in a millisecond. */
const MS = 1_000_000n;

interface Appointment {
  readonly at: bigint;
  readonly run: () => void;
}

/**
 * The time of a bus. It goes by itself, on the monotonic clock, or stands still until a test
 * advances it: then the same run gives the same result.
 */
export class Timeline {
  #virtualNow: bigint | undefined;
  #agenda: Appointment[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param virtual whether time passes only by {@link advance}; it starts at 0 then */
  constructor(virtual: boolean) {
    this.#virtualNow = virtual ? 0n : undefined;
  }

  get virtual(): boolean {
    return this.#virtualNow !== undefined;
  }

  /** Now, in ns: of the monotonic clock, or since the beginning of virtual time. */
  get now(): bigint {
    return this.#virtualNow ?? process.hrtime.bigint();
  }

  /** Runs something at a time, in ns. Appointments of the same time are kept in the order made. */
  at(time: bigint, run: () => void): void {
    const later = this.#agenda.findIndex((each) => each.at > time);
    const appointment = { at: time, run };
    if (later < 0) this.#agenda.push(appointment);
    else this.#agenda.splice(later, 0, appointment);
    this.#wind();
  }

  /** Lets virtual time pass, in ns, and runs what falls due, each at its time. */
  advance(ns: bigint): void {
    if (this.#virtualNow === undefined) {
      throw new TypeError('Only virtual time can be advanced: configure({ virtualTime: true })');
    }
    const end = this.#virtualNow + ns;
    this.#runDue(end, (at) => {
      this.#virtualNow = at;
    });
    this.#virtualNow = end;
  }

  /** Forgets all appointments. */
  clear(): void {
    this.#agenda = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #runDue(end: bigint, arrive: (at: bigint) => void): void {
    for (let next = this.#agenda[0]; next !== undefined && next.at <= end; next = this.#agenda[0]) {
      this.#agenda.shift();
      arrive(next.at);
      next.run();
    }
  }

  /** One timer for the next appointment, if time goes by itself. It keeps no process alive. */
  #wind(): void {
    const next = this.#agenda[0];
    if (this.virtual || next === undefined || this.#timer !== undefined) return;
    const wait = next.at - process.hrtime.bigint();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#runDue(process.hrtime.bigint(), () => undefined);
        this.#wind();
      },
      wait > 0n ? Number(wait / MS) : 0,
    ).unref();
  }
}
