import { systemClock, type Clock } from '../../clock';

/**
 * How long sending may take in one turn of the event loop, in ns. A timer may be late by twice this time plus the time
 * of a batch, because one turn can begin in the timers phase and the next in the phase of immediates.
 */
const TURN_NS = 1_000_000n;

/** Limits the time that all sockets of an event loop together spend on sending in one turn of it. */
export class TurnBudget {
  readonly clock: Clock;
  #startNs = 0n;
  /** Whether a turn has begun; an immediate ends it. */
  #running = false;
  /** Functions that found no time left, the longest waiting first. */
  #waiting = new Set<() => void>();

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  /** Whether the turn has time left at this time (monotonic ns). The first call begins a turn. */
  hasTime(now: bigint): boolean {
    if (this.#running) return now - this.#startNs <= TURN_NS;
    this.#startNs = now;
    this.#running = true;
    this.clock.setImmediate(() => {
      this.#running = false;
      this.#next();
    });
    return true;
  }

  /** Runs a function in a later turn, after the functions that have waited longer. */
  wait(run: () => void): void {
    this.#waiting.add(run);
  }

  /** Removes a function from those that wait. */
  forget(run: () => void): void {
    this.#waiting.delete(run);
  }

  /** A function that this turn does not reach keeps its place before those that wait again. */
  #next(): void {
    for (const run of [...this.#waiting]) {
      if (!this.hasTime(this.clock.now())) return;
      if (this.#waiting.delete(run)) run();
    }
  }
}

/** All sockets share it, so that many of them hold the event loop no longer than one does. */
export const sharedTurnBudget = new TurnBudget();
