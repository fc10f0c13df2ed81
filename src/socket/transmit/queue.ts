import { EAGAIN, EBUSY, ENETDOWN, ENOBUFS, ENOMEM } from '../../libc/errno';
import { abortError, onAbort } from '../../abort';
import { LONGEST_TIMER_MS, type Clock, type ClockTimer } from '../../clock';
import type { Frame } from '../../frame';
import type { Counters } from '../statistics';
import { Job } from './job';
import type { CheckedSend } from './options';
import { compose, type SendOrder } from './order';
import type { Confirmation, SendResult } from './result';
import { Selection } from './selection';
import { sharedTurns, type Turns } from './turns';

/** What the queue needs of the socket it sends for. */
export interface Outlet {
  /** Frames it takes in one call. */
  readonly batch: number;
  /** Hands over what the kernel takes now; the number of frames, or a negative error number. */
  send(frames: Selection): number;
  /** The frame of this index in its call has been handed over. */
  onSent(job: Job, index: number): void;
  /** The error for a refusal that no waiting will change. */
  refusal(result: number, frame: Frame, sent: SendResult): Error;
}

/**
 * No room now: the same call may succeed later. poll(2) is no help in telling when: with a full queue it
 * says writable at once (ENOBUFS), or 1.8 s late (EAGAIN); both measured.
 */
const FULL: ReadonlySet<number> = new Set([EAGAIN, ENOBUFS, ENOMEM, EBUSY]);

/** Wait before the first repetition and the longest, in ns: doubled each time in between. */
const FIRST_WAIT_NS = 1_000_000n;
const LONGEST_WAIT_NS = 4_000_000n;

/** Frames that are offered after a refusal: as a rule there is room for few, and each must be laid out. */
const PROBE = 16;

/** While the link is down its return is told; this is for the case that it is not. In ns. */
const LINK_WAIT_NS = 100_000_000n;

/**
 * Sends without ever blocking: what the kernel does not take now is tried again until the deadline of
 * its call. Calls are served in the order they were made, or in that of arbitration.
 */
export class TransmitQueue {
  readonly #outlet: Outlet;
  readonly #counters: Counters;
  readonly #order: SendOrder;
  readonly #turns: Turns;
  readonly #clock: Clock;
  /** Calls with frames that are not handed over yet, in the order they were made. */
  #jobs: Job[] = [];
  /** Calls whose frames are handed over, and that wait for echoes. */
  readonly #unconfirmed = new Set<Job>();
  /** No call that has not ended has a deadline before this, monotonic ns; of no meaning when there is none. */
  #earliest = 0n;
  #timer: ClockTimer | undefined;
  /** What the timer is set to; undefined: there is none. */
  #timerAt: bigint | undefined;
  #waitNs = FIRST_WAIT_NS;
  /** Frames that are offered next: few after a refusal, twice as many each time all are taken. */
  #offer: number;
  /** The kernel has no room, or the link is down, until this monotonic time or a wake. */
  #blockedUntil: bigint | undefined;
  #sending = false;
  readonly #selection = new Selection();
  readonly #onTurn = (): void => {
    this.#run();
  };

  constructor(
    outlet: Outlet,
    counters: Counters,
    order: SendOrder = 'fifo',
    turns: Turns = sharedTurns,
  ) {
    this.#outlet = outlet;
    this.#counters = counters;
    this.#order = order;
    this.#turns = turns;
    this.#clock = turns.clock;
    this.#offer = outlet.batch;
  }

  send(call: CheckedSend, confirmation?: Confirmation): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      const { signal } = call;
      const abort = (): void => {
        this.#abort(job);
      };
      const done = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          unwatch();
          settle(value);
        };
      };
      const unwatch = onAbort(signal, abort);
      const job = new Job(call, confirmation, done(resolve), done(reject));
      job.onEchoed = () => {
        this.#finish(job);
        this.#schedule();
      };
      if (signal?.aborted !== true && job.left === 0) {
        job.resolve();
        return;
      }
      if (this.#idle || job.deadlineNs < this.#earliest) this.#earliest = job.deadlineNs;
      // Of calls that are no more: what was in their way may be no more, either.
      if (this.#jobs.length === 0) this.#blockedUntil = undefined;
      this.#jobs.push(job);
      if (signal?.aborted === true) abort();
      this.#run();
    });
  }

  /** Whether a frame can be handed over at once: none waits, nothing is in the way, and there is time in this turn. */
  get canHand(): boolean {
    return this.#idle && !this.#sending && this.#turns.hasTime(this.#clock.now());
  }

  /** Drops what is not handed over yet; the calls end. Returns how many frames that were. */
  purge(): number {
    let purged = 0;
    const jobs = this.#jobs;
    this.#jobs = [];
    for (const job of jobs) {
      purged += job.purge();
      this.#finish(job);
    }
    this.#counters.purged += purged;
    this.#schedule();
    return purged;
  }

  /**
   * The link is up: hands over at least one batch of what waited for it at once, even if sending has
   * used up its time in this turn of the event loop.
   */
  wake(): void {
    this.#blockedUntil = undefined;
    this.#run(true);
  }

  /** Rejects all calls that have not ended with what `error` makes of their results. */
  close(error: (result: SendResult) => Error): void {
    this.#turns.forget(this.#onTurn);
    const jobs = [...this.#unconfirmed, ...this.#jobs];
    this.#unconfirmed.clear();
    this.#jobs = [];
    this.#schedule();
    for (const job of jobs) {
      this.#counters.refused += job.left;
      job.reject(error(job.result('refused')));
    }
  }

  #abort(job: Job): void {
    this.#remove(job);
    this.#counters.aborted += job.left;
    const result = job.result('refused');
    job.reject(abortError(job.signal as AbortSignal, { sent: job.sent, result }));
    this.#schedule();
  }

  /** Whether no call is left. */
  get #idle(): boolean {
    return this.#jobs.length === 0 && this.#unconfirmed.size === 0;
  }

  #remove(job: Job): void {
    this.#unconfirmed.delete(job);
    const at = this.#jobs.indexOf(job);
    if (at >= 0) this.#jobs.splice(at, 1);
  }

  /** All of a call is handed over or dropped: it ends, unless it waits for echoes. */
  #finish(job: Job): void {
    if (job.left > 0) return;
    if (job.awaitsEchoes) {
      this.#unconfirmed.add(job);
      return;
    }
    this.#unconfirmed.delete(job);
    job.resolve();
  }

  #run(atOnce = false): void {
    // The outlet's callbacks may send again, from within: that job is the loop's, which is running.
    if (this.#sending) return;
    this.#sending = true;
    try {
      this.#pump(atOnce);
    } catch (error) {
      // A listener's own exception is its process's affair: no call is rejected, or waits for ever, for it.
      queueMicrotask(() => {
        throw error as Error;
      });
      this.#turns.wait(this.#onTurn);
    } finally {
      this.#sending = false;
      this.#selection.clear();
      this.#schedule();
    }
  }

  /** @param atOnce the first batch does not wait for another turn of the event loop */
  #pump(atOnce: boolean): void {
    let due = atOnce;
    let now = this.#clock.now();
    this.#expire(now);
    while (this.#jobs.length > 0) {
      if (this.#blockedUntil !== undefined && now < this.#blockedUntil) return;
      this.#blockedUntil = undefined;
      if (!this.#turns.hasTime(now) && !due) {
        this.#turns.wait(this.#onTurn);
        return;
      }
      due = false;
      compose(this.#jobs, this.#offer, this.#order, this.#selection);
      const result = this.#outlet.send(this.#selection);
      if (result > 0) this.#advance(result);
      else if (FULL.has(-result)) this.#waitForRoom();
      else if (result === -ENETDOWN) this.#waitForLink();
      else this.#refuse(this.#selection.job(0), result);
      now = this.#clock.now();
      this.#expire(now);
    }
  }

  #advance(count: number): void {
    const selection = this.#selection;
    if (count === this.#offer) this.#offer = Math.min(2 * count, this.#outlet.batch);
    this.#waitNs = FIRST_WAIT_NS;
    this.#blockedUntil = undefined;
    this.#counters.sent += count;
    const ended: Job[] = [];
    for (let i = 0; i < count; i++) {
      const job = selection.job(i);
      job.sent++;
      if (job.left === 0) ended.push(job);
    }
    if (ended.length > 0) this.#jobs = this.#jobs.filter((job) => job.left > 0);
    // First: neither what a callback does nor what it throws changes what has become of these calls.
    for (const job of ended) this.#finish(job);
    for (let i = 0; i < count; i++) {
      this.#outlet.onSent(selection.job(i), selection.index(i));
    }
  }

  #refuse(job: Job, result: number): void {
    this.#remove(job);
    this.#counters.refused += job.left;
    const so = job.result('refused');
    job.reject(this.#outlet.refusal(result, job.frames[job.sent] as Frame, so));
  }

  #waitForRoom(): void {
    this.#wait(this.#waitNs);
    this.#waitNs = this.#waitNs * 2n < LONGEST_WAIT_NS ? this.#waitNs * 2n : LONGEST_WAIT_NS;
  }

  /** The first wait for room after the link is back is short again. */
  #waitForLink(): void {
    this.#wait(LINK_WAIT_NS);
    this.#waitNs = FIRST_WAIT_NS;
  }

  #wait(ns: bigint): void {
    this.#counters.retries++;
    this.#offer = Math.min(PROBE, this.#outlet.batch);
    this.#blockedUntil = this.#clock.now() + ns;
  }

  /** Ends the calls whose time is up, wherever they stand in the queue. */
  #expire(now: bigint): void {
    if (this.#idle || now < this.#earliest) return;
    const isLate = (job: Job): boolean => job.deadlineNs <= now;
    for (const job of this.#unconfirmed) {
      if (!isLate(job)) continue;
      this.#unconfirmed.delete(job);
      job.resolve();
    }
    const late = this.#jobs.filter(isLate);
    if (late.length > 0) this.#jobs = this.#jobs.filter((job) => !isLate(job));
    for (const job of late) {
      this.#counters.expired += job.left;
      job.resolve();
    }
    let earliest: bigint | undefined;
    for (const { deadlineNs } of [...this.#unconfirmed, ...this.#jobs]) {
      if (earliest === undefined || deadlineNs < earliest) earliest = deadlineNs;
    }
    this.#earliest = earliest ?? 0n;
  }

  /** Sets the timer to what comes first: the end of a wait, or the deadline of a call. */
  #schedule(): void {
    const next = this.#next();
    if (next === this.#timerAt) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timerAt = next;
    if (next === undefined) return;
    const ms = Number(next - this.#clock.now()) / 1e6;
    const wait = Math.min(Math.max(1, Math.ceil(ms)), LONGEST_TIMER_MS);
    this.#timer = this.#clock.setTimeout(() => {
      this.#timerAt = undefined;
      this.#run();
    }, wait);
  }

  #next(): bigint | undefined {
    if (this.#idle) return undefined;
    const blocked = this.#jobs.length > 0 ? this.#blockedUntil : undefined;
    return blocked !== undefined && blocked < this.#earliest ? blocked : this.#earliest;
  }
}
