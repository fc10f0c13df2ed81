import { arbitrationKey, ErrorFrame, type Frame } from '../../frame';
import type { Job } from './job';
import type { Entry } from './queue';

/**
 * In which order frames of different calls are handed over; those of one call keep theirs always.
 *
 * - 'fifo': a call after the one that was made before it;
 * - 'priority': of the next frames of all calls, the one that would win arbitration on the bus; calls
 *   whose next frames are equal in that, in the order they were made.
 */
export type SendOrder = 'fifo' | 'priority';

/** Error frames are not sent on a bus: nothing waits for them. */
function rank(frame: Frame): number {
  return frame instanceof ErrorFrame ? -1 : arbitrationKey(frame);
}

/** The next frames to be handed over, `most` at most. */
export function compose(jobs: readonly Job[], most: number, order: SendOrder): Entry[] {
  return order === 'fifo' ? inTurn(jobs, most) : byPriority(jobs, most);
}

function inTurn(jobs: readonly Job[], most: number): Entry[] {
  const entries: Entry[] = [];
  for (const job of jobs) {
    const end = Math.min(job.frames.length, job.sent + most - entries.length);
    for (let index = job.sent; index < end; index++) {
      entries.push({ job, frame: job.frames[index] as Frame, index });
    }
    if (entries.length === most) break;
  }
  return entries;
}

/** A call, as far as its frames are among those chosen. */
interface Head {
  readonly job: Job;
  index: number;
  rank: number;
}

function byPriority(jobs: readonly Job[], most: number): Entry[] {
  const heads: Head[] = jobs.map((job) => ({
    job,
    index: job.sent,
    rank: rank(job.frames[job.sent] as Frame),
  }));
  const entries: Entry[] = [];
  while (entries.length < most && heads.length > 0) {
    let first = 0;
    for (let i = 1; i < heads.length; i++) {
      if ((heads[i] as Head).rank < (heads[first] as Head).rank) first = i;
    }
    const head = heads[first] as Head;
    const { job, index } = head;
    entries.push({ job, frame: job.frames[index] as Frame, index });
    const next = job.frames[++head.index];
    if (next === undefined) heads.splice(first, 1);
    else head.rank = rank(next);
  }
  return entries;
}
