import type { Batch } from './batch';
import type { Job } from './job';

/** Ranks an item by urgency: the lowest rank goes first. */
export type Rank<T> = (item: T) => number;

/**
 * Selects the next items to send, at most `most`. The items of one call keep their order.
 *
 * @param rank ranks items: among the next items of all calls, the one with the lowest rank goes first; if ranks are
 * equal, the item of the earlier call goes first. Undefined: items go in the order of the calls.
 */
export function compose<T>(jobs: readonly Job<T>[], most: number, rank: Rank<T> | undefined, batch: Batch<T>): void {
  batch.clear();
  if (rank === undefined) composeInOrder(jobs, most, batch);
  else composeByRank(jobs, most, rank, batch);
}

function composeInOrder<T>(jobs: readonly Job<T>[], most: number, batch: Batch<T>): void {
  for (const job of jobs) {
    const end = Math.min(job.items.length, job.sent + most - batch.count);
    for (let index = job.sent; index < end; index++) batch.add(job, index);
    if (batch.count === most) break;
  }
}

/** A call and its next item. */
interface Head<T> {
  readonly job: Job<T>;
  /** The position of the call among all calls. */
  readonly position: number;
  index: number;
  rank: number;
}

/** The heads form a binary heap, because there may be thousands. The head at (i - 1) / 2 goes before the one at i. */
function composeByRank<T>(jobs: readonly Job<T>[], most: number, rank: Rank<T>, batch: Batch<T>): void {
  const heads: Head<T>[] = jobs.map((job, position) => ({
    job,
    position,
    index: job.sent,
    rank: rank(job.items[job.sent] as T),
  }));
  for (let at = (heads.length >> 1) - 1; at >= 0; at--) siftDown(heads, at);
  while (batch.count < most) {
    const first = heads[0];
    if (first === undefined) break;
    batch.add(first.job, first.index++);
    if (first.index < first.job.items.length) first.rank = rank(first.job.items[first.index] as T);
    else {
      const last = heads.pop() as Head<T>;
      if (last !== first) heads[0] = last;
    }
    siftDown(heads, 0);
  }
}

function goesBefore(a: Head<unknown>, b: Head<unknown>): boolean {
  return a.rank === b.rank ? a.position < b.position : a.rank < b.rank;
}

/** Moves a head down to its position in the heap. */
function siftDown<T>(heads: Head<T>[], from: number): void {
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
