import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait for a state that must come, in ms: only a hang takes longer, also on a busy machine. */
export const HANG_MS = 60_000;

/** Waits until a condition holds; rejects with its name if it does not within `timeoutMs`. */
export async function until(holds: () => boolean, what: string, timeoutMs = HANG_MS): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await sleep(5);
  }
}

/** The deadline this many ms from now (monotonic ns). */
export function after(ms: number): bigint {
  return process.hrtime.bigint() + BigInt(ms) * 1_000_000n;
}
