import { readdirSync, readlinkSync } from 'node:fs';

/** The open descriptors of this process with what they are; that of the listing itself is not among them. */
export function openDescriptors(): string[] {
  const found: string[] = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      found.push(`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`);
    } catch {
      // Gone by now: it was the listing's.
    }
  }
  return found;
}

/** The number of open descriptors of this process. */
export function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The threads of this process. */
export function threadCount(): number {
  return readdirSync('/proc/self/task').length;
}

/** Stops this thread, and with it everything its event loop would do. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Collects uncaught exceptions while the body runs, in place of the test runner, which they would fail. */
export async function collectUncaught(
  body: (errors: readonly Error[]) => Promise<void>,
): Promise<Error[]> {
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const errors: Error[] = [];
  const collect = (error: Error) => errors.push(error);
  process.on('uncaughtException', collect);
  try {
    await body(errors);
  } finally {
    process.off('uncaughtException', collect);
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
  return errors;
}
