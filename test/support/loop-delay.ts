import { monitorEventLoopDelay } from 'node:perf_hooks';

/** The longest the event loop was held while a body ran, in ms. */
export interface Held<T> {
  readonly value: T;
  readonly heldMs: number;
  /** From the beginning to the end of the body, in ms. */
  readonly tookMs: number;
}

/**
 * Runs a body and measures how long it holds the event loop at most: a timer of 1 ms that comes late,
 * perf_hooks' histogram at p100. Everything else this process does meanwhile counts, too.
 */
export async function held<T>(body: () => Promise<T>): Promise<Held<T>> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await new Promise((resolve) => setTimeout(resolve, 20));
  histogram.reset();
  const begin = process.hrtime.bigint();
  const value = await body();
  const tookMs = Number(process.hrtime.bigint() - begin) / 1e6;
  histogram.disable();
  return { value, heldMs: Math.max(0, histogram.max / 1e6 - 1), tookMs };
}

/** A duration for a table. */
export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
