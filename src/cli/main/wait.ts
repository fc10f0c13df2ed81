import { setImmediate as turn } from 'node:timers/promises';
import { LONGEST_TIMER_MS, type Clock, type ClockTimer } from '../../clock';

/** Waits this many ms, or until the signal is aborted; an abort is no error, so look at the signal. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.setTimeout(done, Math.min(ms, LONGEST_TIMER_MS));
    signal.addEventListener('abort', done);
  });
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      resolve();
    };
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

/** Waits for a moment of the clock (ns), or until the signal is aborted. */
export async function pauseUntil(atNs: bigint, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const restMs = Number(atNs - clock.now()) / 1e6;
    // Timers have a resolution of 1 ms and may be early by a part of one: that part is not waited for.
    if (restMs <= 0.5 || signal.aborted) return;
    await pause(Math.floor(restMs + 0.5), clock, signal);
  }
}

/** Runs a function again and again, this many ms apart; the result ends that. */
export function every(ms: number, clock: Clock, run: () => void): () => void {
  let timer: ClockTimer;
  const wind = (): void => {
    timer = clock.setTimeout(
      () => {
        wind();
        run();
      },
      Math.min(ms, LONGEST_TIMER_MS),
    );
  };
  wind();
  return () => {
    clock.clearTimeout(timer);
  };
}

/** How long other work may have to wait for a turn of the event loop, in ns. */
const TURN_NS = 5_000_000n;

/** Gives signals, timers and other sockets their turn in a loop whose awaits may never take one. */
export class Turns {
  readonly #clock: Clock;
  #lastNs: bigint;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastNs = clock.now();
  }

  async give(): Promise<void> {
    if (this.#clock.now() - this.#lastNs < TURN_NS) return;
    await turn();
    this.#lastNs = this.#clock.now();
  }
}
