import { readFileSync } from 'node:fs';
import { tc } from './guest';
import { makeVxcan, removeLink } from './rtnetlink';

/** The end where frames go in, and the end where they come out of the queue. */
export const NEAR = 'vxa';
export const FAR = 'vxb';

/**
 * Makes a vxcan with a queueing discipline on its near end. It behaves like hardware: the far end
 * receives a frame when it leaves the queue. Receivers on a vcan see it before it enters the queue.
 */
export function addPair(...discipline: readonly string[]): void {
  removeLink(NEAR);
  makeVxcan(NEAR, FAR);
  if (discipline.length > 0) tc('qdisc', 'add', 'dev', NEAR, 'root', ...discipline);
}

export function removePair(): void {
  removeLink(NEAR);
}

/** Number of frames that the kernel counted as received. */
export function carried(interfaceName = FAR): number {
  const path = `/sys/class/net/${interfaceName}/statistics/rx_packets`;
  return Number(readFileSync(path, 'utf8'));
}
