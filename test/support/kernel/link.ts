import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { changeLink } from './rtnetlink';

/** Sets an interface up or down. Returns the monotonic time, in ns, right before. */
export function setLink(name: string, up: boolean): bigint {
  const before = process.hrtime.bigint();
  changeLink(name, { up });
  return before;
}

/** ip(8), while this thread keeps running. */
export async function ipMeanwhile(...args: readonly string[]): Promise<void> {
  await promisify(execFile)('ip', args);
}

/**
 * Whether this kernel is the guest of scripts/can-guest.sh. Tests remove modules and set the clock
 * there, never on a user's machine.
 */
export function isGuest(): boolean {
  return readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');
}
