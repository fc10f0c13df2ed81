import { readdirSync, readFileSync } from 'node:fs';

/** The numbers of this process's threads. */
export function threadIds(): number[] {
  return readdirSync('/proc/self/task').map(Number);
}

/** The numbers of the threads that were not among these. */
export function threadsBeside(known: readonly number[]): number[] {
  return threadIds().filter((id) => !known.includes(id));
}

/** A field of a thread's status file, see proc(5), like `SigBlk`. */
export function threadStatus(thread: number, field: string): string {
  const status = readFileSync(`/proc/self/task/${thread}/status`, 'utf8');
  return new RegExp(`^${field}:\\s*(\\w+)`, 'm').exec(status)?.[1] ?? '';
}
