import { setImmediate as turn } from 'node:timers/promises';

/** The longest setTimeout takes: 2**31 - 1 ms. */
export const LONGEST_MS = 2 ** 31 - 1;

/** Waits so many ms, or until the signal is aborted, which is no error: look at the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_MS));
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

/** Waits for a moment of the monotonic clock (ns), or until the signal is aborted. */
export async function pauseUntil(monotonicNs: bigint, signal: AbortSignal): Promise<void> {
  for (;;) {
    const restMs = Number(monotonicNs - process.hrtime.bigint()) / 1e6;
    // Timers have a resolution of 1 ms and may be early by a part of one: those are not waited for.
    if (restMs <= 0.5 || signal.aborted) return;
    await pause(Math.floor(restMs + 0.5), signal);
  }
}

/** How long other work may have to wait for a turn of the event loop, in ms. */
const TURN_MS = 5;

/** Lets signals, timers and other sockets have their turn in a loop whose awaits may never take one. */
export class Turns {
  #lastMs = performance.now();

  async give(): Promise<void> {
    if (performance.now() - this.#lastMs < TURN_MS) return;
    await turn();
    this.#lastMs = performance.now();
  }
}
