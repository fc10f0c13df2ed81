import { LONGEST_TIMER_MS, type Clock, type ClockTimer } from '../../clock';

/** Waits this many ms or until the signal is aborted. It never rejects: look at the signal. */
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

/** Waits for a time of the clock (ns) or until the signal is aborted. It never rejects. */
export async function pauseUntil(atNs: bigint, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const restMs = Number(atNs - clock.now()) / 1e6;
    // Timers have a resolution of 1 ms and may be early by a fraction of it, so up to 0.5 ms early is on time.
    if (restMs <= 0.5 || signal.aborted) return;
    await pause(Math.floor(restMs + 0.5), clock, signal);
  }
}

/** Runs a function every `ms` milliseconds. The result stops it. */
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
