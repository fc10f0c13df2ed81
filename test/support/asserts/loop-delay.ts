import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a body gave, and how long the event loop was held while it ran. */
export interface Held<T> {
  readonly value: T;
  /** From the beginning to the end of the body, in ms. */
  readonly tookMs: number;
  /** For a table: how long the loop was held at most, and in the same time after the body, with nothing to do. */
  readonly loop: string;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The most that a timer of 1 ms is late while a body runs, in ms: the histogram of perf_hooks at p100. */
async function delayDuring(body: () => Promise<void>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  collectGarbage();
  await sleep(20);
  histogram.reset();
  await body();
  // What held the loop last is seen by the next tick.
  await sleep(5);
  histogram.disable();
  return Math.max(0, histogram.max / 1e6 - 1);
}

/** The longest idle time that is compared, in ms. */
const IDLE_MS = 1000;

/**
 * Runs a body and measures how long the event loop is held at most. All that the process and its machine do
 * meanwhile counts, so that the same is measured of an idle loop; what the test itself has left behind does
 * not, for that is collected before.
 */
export async function held<T>(body: () => Promise<T>): Promise<Held<T>> {
  let value: T | undefined;
  let tookMs = 0;
  const heldMs = await delayDuring(async () => {
    const begin = process.hrtime.bigint();
    value = await body();
    tookMs = Number(process.hrtime.bigint() - begin) / 1e6;
  });
  const idleMs = await delayDuring(() => sleep(Math.min(tookMs, IDLE_MS)));
  const loop = `loop held ${ms(heldMs)} at most (idle: ${ms(idleMs)})`;
  return { value: value as T, tookMs, loop };
}

/** A duration for a table. */
export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
