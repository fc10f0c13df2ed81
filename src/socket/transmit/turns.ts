/**
 * After this long in one turn of the event loop, in ns, all its other work comes first. A timer may be
 * late by twice that and a batch: a turn can begin in the phase of timers, and another in that of
 * immediates.
 */
const TURN_NS = 1_000_000n;

/** The time that sending takes of the event loop, shared by all sockets that have it to share. */
export class Turns {
  #startNs = 0n;
  /** There is one as long as a turn lasts. */
  #end: NodeJS.Immediate | undefined;
  /** Who found no time left, longest waiting first. */
  #waiting = new Set<() => void>();

  /** Whether there is time left now (monotonic ns). Who asks first begins a turn. */
  hasTime(now: bigint): boolean {
    if (this.#end !== undefined) return now - this.#startNs <= TURN_NS;
    this.#startNs = now;
    this.#end = setImmediate(() => {
      this.#end = undefined;
      this.#next();
    });
    return true;
  }

  /** To be called in a turn to come, after those that have waited longer. */
  wait(run: () => void): void {
    this.#waiting.add(run);
  }

  /** Not to be called any more. */
  forget(run: () => void): void {
    this.#waiting.delete(run);
  }

  /** Who is not reached in this turn stays before those who are, and have not finished. */
  #next(): void {
    for (const run of [...this.#waiting]) {
      if (!this.hasTime(process.hrtime.bigint())) return;
      if (this.#waiting.delete(run)) run();
    }
  }
}
