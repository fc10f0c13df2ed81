import { readFileSync } from 'node:fs';
import { ip, removeLink, tc } from './guest';

/** Where frames go in, and where those that have passed the queue come out: it behaves like hardware. */
export const NEAR = 'vxa';
export const FAR = 'vxb';

/**
 * A pair of CAN interfaces that are each other's bus, with a queueing discipline on the near one. Unlike
 * a vcan, whose receivers see a frame before it is queued, its far end sees what has left the queue.
 */
export function addPair(...discipline: readonly string[]): void {
  removeLink(NEAR);
  ip('link', 'add', NEAR, 'up', 'type', 'vxcan', 'peer', 'name', FAR);
  ip('link', 'set', FAR, 'up');
  if (discipline.length > 0) tc('qdisc', 'add', 'dev', NEAR, 'root', ...discipline);
}

export function removePair(): void {
  removeLink(NEAR);
}

/** Frames that have come out, by the kernel's own count. */
export function carried(interfaceName = FAR): number {
  const path = `/sys/class/net/${interfaceName}/statistics/rx_packets`;
  return Number(readFileSync(path, 'utf8'));
}
