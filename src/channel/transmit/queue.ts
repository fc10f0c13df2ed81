import { LONGEST_TIMER_MS, type Clock, type ClockTimer } from '../../clock';
import { EAGAIN, EBUSY, ENETDOWN, ENOBUFS, ENOMEM } from '../../libc/errno';
import type { Confirmation, SendResult } from '../../send-result';
import { throwUncaught } from '../../uncaught';
import type { TransmitCounters } from '../statistics';
import { Backoff } from './backoff';
import { Batch } from './batch';
import { compose, type Rank } from './compose';
import { Job } from './job';
import type { SendRequest } from './send-request';
import { sharedTurnBudget, type TurnBudget } from './turn-budget';

/** Sends the batches of a queue. */
export interface BatchSender<T> {
  /** The largest number of items in a batch. */
  readonly batchSize: number;
  /** Sends the items that the kernel accepts now. Returns their number, or a negative error number. */
  send(batch: Batch<T>): number;
  /** The item with this index in its call was sent. */
  onSent(job: Job<T>, index: number): void;
  /** Returns the error for a batch whose first item the kernel refused permanently. */
  sendError(errno: number, batch: Batch<T>, result: SendResult): Error;
}

/** Errors of a full queue or buffer. The same call may succeed later. */
const FULL: ReadonlySet<number> = new Set([EAGAIN, ENOBUFS, ENOMEM, EBUSY]);

/**
 * Sends without blocking, and retries refused items until the deadline of their call. Calls go in the order in which
 * they were made, or by the ranks of their next items.
 */
export class TransmitQueue<T> {
  readonly #sender: BatchSender<T>;
  readonly #counters: TransmitCounters;
  readonly #rank: Rank<T> | undefined;
  readonly #turnBudget: TurnBudget;
  readonly #clock: Clock;
  /** Calls with items still to send, in the order in which they were made. */
  #jobs: Job<T>[] = [];
  /** Calls without items to send that wait for echoes. */
  readonly #unconfirmed = new Set<Job<T>>();
  /** No call has a deadline before this (monotonic ns). Meaningless without calls. */
  #earliest = 0n;
  #timer: ClockTimer | undefined;
  /** When the timer runs (monotonic ns); undefined: no timer. */
  #timerAt: bigint | undefined;
  readonly #backoff: Backoff;
  #sending = false;
  readonly #batch = new Batch<T>();
  readonly #onTurn: () => void;

  /**
   * @param rank ranks items: among the next items of all calls, the one with the lowest rank goes first. Undefined:
   * items go in the order of the calls.
   */
  constructor(
    sender: BatchSender<T>,
    counters: TransmitCounters,
    rank?: Rank<T>,
    turnBudget: TurnBudget = sharedTurnBudget,
  ) {
    this.#sender = sender;
    this.#counters = counters;
    this.#rank = rank;
    this.#turnBudget = turnBudget;
    this.#clock = turnBudget.clock;
    this.#backoff = new Backoff(sender.batchSize);
    this.#onTurn = () => {
      this.#run();
    };
  }

  /** Whether an item may be sent past the queue: no call waits, and this turn has time left. */
  get canBypass(): boolean {
    return this.#idle && !this.#sending && this.#turnBudget.hasTime(this.#clock.now());
  }

  /** @param confirmation the meaning of a confirmation, for a call that asks for it */
  send(request: SendRequest<T>, confirmation?: Confirmation): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      this.#add(new Job(request, confirmation, resolve, reject));
    });
  }

  /** Drops the items still to send, ends their calls, and returns the number of dropped items. */
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
   * The link is up: sends at least one batch of the waiting items at once, even if sending has used up its time
   * in this turn of the event loop.
   */
  wake(): void {
    this.#backoff.end();
    this.#run(true);
  }

  /** Rejects all calls, with the errors that `error` makes from their results. */
  close(error: (result: SendResult) => Error): void {
    this.#turnBudget.forget(this.#onTurn);
    const jobs = [...this.#unconfirmed, ...this.#jobs];
    this.#unconfirmed.clear();
    this.#jobs = [];
    this.#schedule();
    for (const job of jobs) {
      this.#counters.refused += job.left;
      job.reject(error(job.result('refused')));
    }
  }

  /** Whether there are no calls. */
  get #idle(): boolean {
    return this.#jobs.length === 0 && this.#unconfirmed.size === 0;
  }

  #add(job: Job<T>): void {
    if (job.left === 0 && !job.isAborted) {
      job.resolve();
      return;
    }
    if (job.confirms) {
      job.onEchoed = () => {
        this.#finish(job);
        this.#schedule();
      };
    }
    if (this.#idle || job.deadlineNs < this.#earliest) this.#earliest = job.deadlineNs;
    // The reason for the wait may have ended with the calls that caused it.
    if (this.#jobs.length === 0) this.#backoff.end();
    this.#jobs.push(job);
    if (job.isAborted) this.#abort(job);
    else {
      job.watchSignal(() => {
        this.#abort(job);
      });
    }
    this.#run();
  }

  #abort(job: Job<T>): void {
    this.#remove(job);
    this.#counters.aborted += job.left;
    job.rejectAborted();
    this.#schedule();
  }

  #remove(job: Job<T>): void {
    this.#unconfirmed.delete(job);
    const at = this.#jobs.indexOf(job);
    if (at >= 0) this.#jobs.splice(at, 1);
  }

  /** Ends a call without items to send, unless it waits for echoes. */
  #finish(job: Job<T>): void {
    if (job.left > 0) return;
    if (job.awaitsEchoes) {
      this.#unconfirmed.add(job);
      return;
    }
    this.#unconfirmed.delete(job);
    job.resolve();
  }

  #run(atOnce = false): void {
    // A callback of the sender made a call: the running loop sends it.
    if (this.#sending) return;
    this.#sending = true;
    try {
      this.#pump(atOnce);
    } catch (error) {
      // An exception of a listener becomes an uncaught exception. It neither rejects nor delays a call.
      throwUncaught(error);
      this.#turnBudget.wait(this.#onTurn);
    } finally {
      this.#sending = false;
      this.#batch.clear();
      this.#schedule();
    }
  }

  /** @param atOnce the first batch does not wait for another turn of the event loop */
  #pump(atOnce: boolean): void {
    let due = atOnce;
    let now = this.#clock.now();
    this.#expire(now);
    while (this.#jobs.length > 0) {
      if (this.#backoff.waits(now)) return;
      if (!this.#turnBudget.hasTime(now) && !due) {
        this.#turnBudget.wait(this.#onTurn);
        return;
      }
      due = false;
      compose(this.#jobs, this.#backoff.offer, this.#rank, this.#batch);
      const result = this.#sender.send(this.#batch);
      if (result > 0) this.#advance(result);
      else if (result === -ENETDOWN || FULL.has(-result)) this.#wait(result);
      else this.#refuse(result);
      now = this.#clock.now();
      this.#expire(now);
    }
  }

  #advance(count: number): void {
    const batch = this.#batch;
    this.#backoff.accepted(count);
    this.#counters.sent += count;
    const ended: Job<T>[] = [];
    for (let i = 0; i < count; i++) {
      const job = batch.job(i);
      job.sent++;
      if (job.left === 0) ended.push(job);
    }
    if (ended.length > 0) this.#jobs = this.#jobs.filter((job) => job.left > 0);
    // Before the callbacks, so that they cannot change how these calls end.
    for (const job of ended) this.#finish(job);
    for (let i = 0; i < count; i++) {
      this.#sender.onSent(batch.job(i), batch.index(i));
    }
  }

  /** Rejects the call of the first item, which the kernel refused. */
  #refuse(errno: number): void {
    const job = this.#batch.job(0);
    this.#remove(job);
    this.#counters.refused += job.left;
    job.reject(this.#sender.sendError(errno, this.#batch, job.result('refused')));
  }

  #wait(errno: number): void {
    this.#counters.retries++;
    const now = this.#clock.now();
    if (errno === -ENETDOWN) this.#backoff.linkDown(now);
    else this.#backoff.full(now);
  }

  /** Ends the calls whose deadline has passed, wherever they are in the queue. */
  #expire(now: bigint): void {
    if (this.#idle || now < this.#earliest) return;
    const isLate = (job: Job<T>): boolean => job.deadlineNs <= now;
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

  /** Sets the timer to the end of the wait or the next deadline, whichever is earlier. */
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
    const until = this.#jobs.length > 0 ? this.#backoff.until : undefined;
    return until !== undefined && until < this.#earliest ? until : this.#earliest;
  }
}
