import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from '../waiting/until';

/** What a body returned, and how long it held the event loop. */
export interface Held<T> {
  readonly value: T;
  /** From the beginning to the end of the body, in ms. */
  readonly tookMs: number;
  /** For a table: how long the loop was held at most, and an idle loop during as much time after the body. */
  readonly loop: string;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Waits until the next value is in the histogram. */
function nextTick(histogram: IntervalHistogram): Promise<void> {
  const { count } = histogram;
  return until(() => histogram.count > count, 'a tick of the event loop');
}

/** How late a timer of 1 ms is at most while a body runs, in ms: the maximum of the histogram of perf_hooks. */
async function delayDuring(body: () => Promise<void>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  collectGarbage();
  await nextTick(histogram);
  histogram.reset();
  await body();
  // The last delay is in the histogram at the next tick.
  await nextTick(histogram);
  histogram.disable();
  return Math.max(0, histogram.max / 1e6 - 1);
}

/** The longest idle time that is compared, in ms. */
const IDLE_MS = 1000;

/**
 * Runs a body and measures how long the event loop is held at most. Everything that the process and its machine
 * do at the same time counts, so the same is measured for an idle loop. Garbage of the test is collected before.
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
