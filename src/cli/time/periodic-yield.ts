import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock';

/** Longest time that a loop runs before it yields, in ns. */
const LONGEST_RUN_NS = 5_000_000n;

/**
 * Lets a loop yield to the event loop every 5 ms. Its own awaits may all resolve without a turn of the event loop, and
 * signals, timers and other sockets would starve.
 */
export class PeriodicYield {
  readonly #clock: Clock;
  #lastNs: bigint;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastNs = clock.now();
  }

  async yieldIfDue(): Promise<void> {
    if (this.#clock.now() - this.#lastNs < LONGEST_RUN_NS) return;
    await nextTurn();
    this.#lastNs = this.#clock.now();
  }
}
