import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { HANG_MS } from '../waiting/until';

/** The open descriptors of this process and their files, without the descriptor that lists them. */
export function openDescriptors(): string[] {
  const found: string[] = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      found.push(`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`);
    } catch {
      // It listed the directory and is closed.
    }
  }
  return found;
}

/** Returns the open flags of a descriptor, from /proc/self/fdinfo. */
export function openFlags(fd: number): number {
  const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  return parseInt(/^flags:\s+(\d+)$/m.exec(text)?.[1] ?? '', 8);
}

/** The number of open descriptors of this process. */
export function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The number of threads of this process. */
export function threadCount(): number {
  return readdirSync('/proc/self/task').length;
}

/** Stops this thread and its event loop. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Stops this thread and its event loop until another thread has made a condition true. */
export function blockUntil(holds: () => boolean, what: string): void {
  const end = performance.now() + HANG_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Not within ${HANG_MS} ms: ${what}`);
    block(1);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Collects uncaught exceptions while the body runs, so that the test runner does not see them. */
export async function collectUncaught(body: (errors: readonly Error[]) => Promise<void>): Promise<Error[]> {
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
