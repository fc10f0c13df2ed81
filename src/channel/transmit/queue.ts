import { EAGAIN, EBUSY, ENETDOWN, ENOBUFS, ENOMEM } from '../../libc/errno';
import { abortError, onAbort } from '../../abort';
import { LONGEST_TIMER_MS, type Clock, type ClockTimer } from '../../clock';
import type { Frame } from '../../frame/frame';
import type { Counters } from '../../raw/statistics';
import { Job } from './job';
import type { CheckedSend } from '../../raw/transmit/send-options';
import { compose, type SendOrder } from './order';
import type { Confirmation, SendResult } from '../../send-result';
import { Selection } from './selection';
import { sharedTurns, type Turns } from './turns';

/** The socket that a queue sends for. */
export interface Outlet {
  /** The number of frames it sends in one call. */
  readonly batch: number;
  /** Sends the frames that the kernel accepts now. Returns their number, or a negative error number. */
  send(frames: Selection): number;
  /** The frame with this index in its call was sent. */
  onSent(job: Job, index: number): void;
  /** Returns the error for a permanent refusal. */
  refusal(result: number, frame: Frame, sent: SendResult): Error;
}

/**
 * No room now: the same call may succeed later. poll(2) does not report when: with a full queue it returns at once
 * (ENOBUFS), or 1.8 s late (EAGAIN); both measured.
 */
const FULL: ReadonlySet<number> = new Set([EAGAIN, ENOBUFS, ENOMEM, EBUSY]);

/** The first and the longest wait before a repetition, in ns. It doubles each time in between. */
const FIRST_WAIT_NS = 1_000_000n;
const LONGEST_WAIT_NS = 4_000_000n;

/** The number of frames that are offered after a wait: usually there is room for few, and each must be encoded. */
const PROBE = 16;

/** Wait while the link is down, in ns. Usually {@link TransmitQueue.wake} ends it earlier. */
const LINK_WAIT_NS = 100_000_000n;

/**
 * Sends without blocking, and repeats until the deadline of a call what the kernel does not accept. It sends calls in
 * the order in which they were made, or in that of arbitration.
 */
export class TransmitQueue {
  readonly #outlet: Outlet;
  readonly #counters: Counters;
  readonly #order: SendOrder;
  readonly #turns: Turns;
  readonly #clock: Clock;
  /** Calls with frames still to send, in the order in which they were made. */
  #jobs: Job[] = [];
  /** Calls without frames to send that wait for echoes. */
  readonly #unconfirmed = new Set<Job>();
  /** No call has a deadline before this (monotonic ns). Meaningless without calls. */
  #earliest = 0n;
  #timer: ClockTimer | undefined;
  /** When the timer runs (monotonic ns); undefined: no timer. */
  #timerAt: bigint | undefined;
  #waitNs = FIRST_WAIT_NS;
  /** The number of frames to offer next: few after a wait, twice as many each time the kernel accepts all. */
  #offer: number;
  /** The kernel has no room, or the link is down: wait until this time (monotonic ns) or a wake. */
  #blockedUntil: bigint | undefined;
  #sending = false;
  readonly #selection = new Selection();
  readonly #onTurn = (): void => {
    this.#run();
  };

  constructor(outlet: Outlet, counters: Counters, order: SendOrder = 'fifo', turns: Turns = sharedTurns) {
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
      // The reason for the wait of earlier calls may have gone with them.
      if (this.#jobs.length === 0) this.#blockedUntil = undefined;
      this.#jobs.push(job);
      if (signal?.aborted === true) abort();
      this.#run();
    });
  }

  /** Whether a frame can be sent at once: no call waits, and this turn has time left. */
  get canHand(): boolean {
    return this.#idle && !this.#sending && this.#turns.hasTime(this.#clock.now());
  }

  /** Drops the frames still to send, ends their calls, and returns the number of dropped frames. */
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
   * The link is up: sends at least one batch of the waiting frames at once, even if sending has used up its time
   * in this turn of the event loop.
   */
  wake(): void {
    this.#blockedUntil = undefined;
    this.#run(true);
  }

  /** Rejects all calls, with the errors that `error` makes from their results. */
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

  /** Whether there are no calls. */
  get #idle(): boolean {
    return this.#jobs.length === 0 && this.#unconfirmed.size === 0;
  }

  #remove(job: Job): void {
    this.#unconfirmed.delete(job);
    const at = this.#jobs.indexOf(job);
    if (at >= 0) this.#jobs.splice(at, 1);
  }

  /** Ends a call without frames to send, unless it waits for echoes. */
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
    // A callback of the outlet made a call: the running loop sends it.
    if (this.#sending) return;
    this.#sending = true;
    try {
      this.#pump(atOnce);
    } catch (error) {
      // An exception of a listener becomes an uncaught exception. It rejects and delays no call.
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
    // Before the callbacks, so that they cannot change how these calls end.
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

  /** Ends the calls whose deadline has passed, wherever they are in the queue. */
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
    const blocked = this.#jobs.length > 0 ? this.#blockedUntil : undefined;
    return blocked !== undefined && blocked < this.#earliest ? blocked : this.#earliest;
  }
}
