import { EAGAIN, EBUSY, ENETDOWN, ENOBUFS, ENOMEM } from '../libc';
import { abortError, onAbort } from '../abort';
import type { Frame } from '../frame';
import type { CheckedSend } from './send-options';
import type { Counters } from './statistics';

/** What became of the frames of one call. */
export interface SendResult {
  /** Handed to the kernel, in order, from the first on. */
  readonly sent: number;
  /** Not handed over when the deadline came. */
  readonly expired: number;
}

/** What the queue needs of the socket it sends for. */
export interface Outlet {
  /** Hands over what the kernel takes now; the number of frames, or a negative error number. */
  send(frames: readonly Frame[], from: number): number;
  /** Frames have been handed over: `count` of the job's, from `from` on. */
  onSent(job: Job, from: number, count: number): void;
  /** The error for a refusal that no waiting will change. */
  refusal(result: number, frame: Frame, sent: number): Error;
}

export interface Job {
  readonly frames: readonly Frame[];
  /** Whether each frame's echo is wanted. */
  readonly echo: boolean | readonly boolean[];
  readonly deadlineNs: bigint;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: SendResult) => void;
  readonly reject: (error: Error) => void;
  sent: number;
}

/**
 * No room now (EAGAIN, ENOBUFS, ENOMEM, EBUSY), or no link now (ENETDOWN): the same call may succeed
 * later. poll(2) is no help in telling when: with a full queue it says writable at once (ENOBUFS),
 * or 1.8 s late (EAGAIN); both measured.
 */
const TRANSIENT: ReadonlySet<number> = new Set([EAGAIN, ENOBUFS, ENOMEM, EBUSY, ENETDOWN]);

/** Wait before the first repetition and the longest, in ms: doubled each time in between. */
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 4;

/** After this long in one go, in ns, the event loop has its turn. */
const TURN_NS = 2_000_000n;

/**
 * Sends in the order of the calls, never blocking: what the kernel does not take now is tried again
 * until the deadline of its call.
 */
export class TransmitQueue {
  readonly #outlet: Outlet;
  readonly #counters: Counters;
  #jobs: Job[] = [];
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #waitMs = FIRST_WAIT_MS;
  #sending = false;

  constructor(outlet: Outlet, counters: Counters) {
    this.#outlet = outlet;
    this.#counters = counters;
  }

  send({ list: frames, echo, deadlineNs, signal }: CheckedSend): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#abort(job);
      };
      const unwatch = onAbort(signal, abort);
      const job: Job = {
        frames,
        echo,
        deadlineNs,
        signal,
        resolve: (result) => {
          unwatch();
          resolve(result);
        },
        reject: (error) => {
          unwatch();
          reject(error);
        },
        sent: 0,
      };
      this.#jobs.push(job);
      if (signal?.aborted === true) abort();
      if (!this.#scheduled) this.#run();
    });
  }

  #abort(job: Job): void {
    this.#jobs = this.#jobs.filter((each) => each !== job);
    this.#counters.aborted += job.frames.length - job.sent;
    job.reject(abortError(job.signal as AbortSignal, { sent: job.sent }));
  }

  /** Rejects all that waits with what `error` makes of the number of frames already handed over. */
  close(error: (sent: number) => Error): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    const jobs = this.#jobs;
    this.#jobs = [];
    for (const job of jobs) {
      this.#counters.refused += job.frames.length - job.sent;
      job.reject(error(job.sent));
    }
  }

  /** Whether the queue will come to its turn by itself. */
  get #scheduled(): boolean {
    return this.#timer !== undefined || this.#turn !== undefined;
  }

  #run(): void {
    // The outlet's callbacks may send again, from within: that job is the loop's, which is running.
    if (this.#sending) return;
    this.#sending = true;
    this.#timer = undefined;
    this.#turn = undefined;
    try {
      this.#pump();
    } catch (error) {
      // A listener's own exception is its process's affair: no call is rejected, or waits for ever, for it.
      if (this.#jobs.length > 0 && !this.#scheduled) this.#yield();
      queueMicrotask(() => {
        throw error as Error;
      });
    } finally {
      this.#sending = false;
    }
  }

  #yield(): void {
    this.#turn = setImmediate(() => {
      this.#run();
    });
  }

  #pump(): void {
    const start = process.hrtime.bigint();
    let now = start;
    this.#expire(now);
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      if (now - start > TURN_NS) {
        this.#yield();
        return;
      }
      if (job.deadlineNs <= now) {
        this.#expire(now);
        continue;
      }
      const result = this.#outlet.send(job.frames, job.sent);
      if (result > 0) this.#advance(job, result);
      else if (!TRANSIENT.has(-result)) this.#refuse(job, result);
      else {
        this.#wait();
        return;
      }
      now = process.hrtime.bigint();
    }
  }

  #advance(job: Job, count: number): void {
    this.#waitMs = FIRST_WAIT_MS;
    const from = job.sent;
    job.sent += count;
    this.#counters.sent += count;
    if (job.sent === job.frames.length) {
      this.#jobs.shift();
      job.resolve({ sent: job.sent, expired: 0 });
    }
    this.#outlet.onSent(job, from, count);
  }

  #refuse(job: Job, result: number): void {
    this.#counters.refused += job.frames.length - job.sent;
    this.#jobs.shift();
    job.reject(this.#outlet.refusal(result, job.frames[job.sent] as Frame, job.sent));
  }

  #wait(): void {
    this.#counters.retries++;
    this.#timer = setTimeout(() => {
      this.#run();
    }, this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  /** Ends the calls whose time is up, wherever they stand in the queue. */
  #expire(now: bigint): void {
    if (!this.#jobs.some((job) => job.deadlineNs <= now)) return;
    this.#jobs = this.#jobs.filter((job) => {
      if (job.deadlineNs > now) return true;
      const expired = job.frames.length - job.sent;
      this.#counters.expired += expired;
      job.resolve({ sent: job.sent, expired });
      return false;
    });
  }
}
