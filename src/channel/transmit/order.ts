import { arbitrationKey } from '../../frame/timing/arbitration';
import { ErrorFrame } from '../../frame/error-frame';
import type { Frame } from '../../frame/frame';
import type { Job } from './job';
import type { Selection } from './selection';

/**
 * The order in which frames of different calls are sent. The frames of one call keep their order.
 *
 * - 'fifo': in the order of the calls
 * - 'priority': of the next frames of all calls, the one that wins arbitration on the bus goes first. If they are
 *   equal, the earlier call goes first.
 */
export type SendOrder = 'fifo' | 'priority';

/** Lower ranks go first. Error frames are not sent on a bus, so they go before all others. */
function rank(frame: Frame): number {
  return frame instanceof ErrorFrame ? -1 : arbitrationKey(frame);
}

/** Selects the next frames to send, at most `most`. */
export function compose(jobs: readonly Job[], most: number, order: SendOrder, selection: Selection): void {
  selection.clear();
  if (order === 'fifo') inTurn(jobs, most, selection);
  else byPriority(jobs, most, selection);
}

function inTurn(jobs: readonly Job[], most: number, selection: Selection): void {
  for (const job of jobs) {
    const end = Math.min(job.frames.length, job.sent + most - selection.count);
    for (let index = job.sent; index < end; index++) selection.add(job, index);
    if (selection.count === most) break;
  }
}

/** A call and its next frame. */
interface Head {
  readonly job: Job;
  /** Its position among the calls. */
  readonly turn: number;
  index: number;
  rank: number;
}

/** The heads form a binary heap, since there may be thousands: the one at (i - 1) / 2 goes before the one at i. */
function byPriority(jobs: readonly Job[], most: number, selection: Selection): void {
  const heads: Head[] = jobs.map((job, turn) => ({
    job,
    turn,
    index: job.sent,
    rank: rank(job.frames[job.sent] as Frame),
  }));
  for (let at = (heads.length >> 1) - 1; at >= 0; at--) sink(heads, at);
  while (selection.count < most) {
    const first = heads[0];
    if (first === undefined) break;
    selection.add(first.job, first.index);
    const next = first.job.frames[++first.index];
    if (next === undefined) {
      const last = heads.pop() as Head;
      if (last !== first) heads[0] = last;
    } else first.rank = rank(next);
    sink(heads, 0);
  }
}

function goesBefore(a: Head, b: Head): boolean {
  return a.rank === b.rank ? a.turn < b.turn : a.rank < b.rank;
}

/** Moves a head down to its position in the heap. */
function sink(heads: Head[], from: number): void {
  const head = heads[from];
  if (head === undefined) return;
  let at = from;
  for (;;) {
    const left = 2 * at + 1;
    let best = heads[left];
    if (best === undefined) break;
    const right = heads[left + 1];
    if (right !== undefined && goesBefore(right, best)) best = right;
    if (!goesBefore(best, head)) break;
    const below = best === right ? left + 1 : left;
    heads[at] = best;
    at = below;
  }
  heads[at] = head;
}
