import type { TransmitCounters } from '../../../src/channel/statistics';
import type { Batch } from '../../../src/channel/transmit/batch';
import type { Rank } from '../../../src/channel/transmit/compose';
import type { Job } from '../../../src/channel/transmit/job';
import { TransmitQueue, type BatchSender } from '../../../src/channel/transmit/queue';
import type { SendRequest } from '../../../src/channel/transmit/send-request';
import { TurnBudget } from '../../../src/channel/transmit/turn-budget';
import type { SendResult } from '../../../src/send-result';
import { FakeClock } from './clock';

/** A deadline that no test reaches, on the clock of a {@link QueueBench} (ns). */
const FAR_NS = 3_600_000_000_000n;

/** Items that count up from `first`. */
export function items(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

export function newTransmitCounters(): TransmitCounters {
  return { sent: 0, expired: 0, refused: 0, aborted: 0, purged: 0, retries: 0 };
}

/**
 * Stands in for the kernel: answers each call with the next number of a script (how many items it takes
 * at most, or a negative error number), and with `default_` after the end of the script.
 */
export class FakeSender<T> implements BatchSender<T> {
  readonly batchSize: number = 64;
  readonly taken: T[] = [];
  /** The items that each call offered. */
  readonly offers: T[][] = [];
  /** When each call was made, in ns since this was constructed. */
  readonly times: bigint[] = [];
  /** The items that the queue reported as sent, one by one. */
  readonly reported: { readonly job: Job<T>; readonly index: number }[] = [];
  /** How many items a call takes at most. */
  most = Infinity;
  /** How long a call takes, in ns. */
  work = 0n;
  onCall: (() => void) | undefined;
  afterSent: ((job: Job<T>) => void) | undefined;
  /** The answers still to give. */
  readonly script: number[];
  default_: number | undefined;
  readonly #clock: FakeClock;
  readonly #startNs: bigint;

  constructor(clock: FakeClock, script: readonly number[], default_?: number) {
    this.#clock = clock;
    this.#startNs = clock.now();
    this.script = [...script];
    this.default_ = default_;
  }

  send(batch: Batch<T>): number {
    const offered = Array.from({ length: batch.count }, (_, place) => batch.item(place));
    this.offers.push(offered);
    this.times.push(this.#clock.now() - this.#startNs);
    this.onCall?.();
    this.#clock.spend(this.work);
    const answer = this.script.shift() ?? this.default_ ?? this.most;
    if (answer < 0) return answer;
    const taken = offered.slice(0, answer);
    this.taken.push(...taken);
    return taken.length;
  }

  onSent(job: Job<T>, index: number): void {
    this.reported.push({ job, index });
    this.afterSent?.(job);
  }

  sendError(errno: number, batch: Batch<T>, result: SendResult): Error {
    return Object.assign(new Error('refused'), {
      errno,
      item: batch.item(0),
      sent: result.sent,
      result,
    });
  }
}

/** A request without echoes, whose deadline is far away. */
export function request<T>(items: readonly T[], more: Partial<SendRequest<T>> = {}): SendRequest<T> {
  const plain = { echo: false, confirm: false, signal: undefined, deadlineNs: FAR_NS };
  return { items, ...plain, ...more };
}

/** The error with which a closed queue rejects the waiting calls. */
export function closedError(result: SendResult): Error {
  return Object.assign(new Error('closed'), { sent: result.sent, result });
}

/** A queue with its counters, in front of a fake kernel, on a clock that the test advances. */
export class QueueBench<T = number> {
  readonly clock: FakeClock;
  readonly sender: FakeSender<T>;
  readonly counters = newTransmitCounters();
  readonly queue: TransmitQueue<T>;

  constructor(
    script: readonly number[] = [],
    default_?: number,
    rank?: Rank<T>,
    clock = new FakeClock(),
    turnBudget = new TurnBudget(clock),
  ) {
    this.clock = clock;
    this.sender = new FakeSender(clock, script, default_);
    this.queue = new TransmitQueue(this.sender, this.counters, rank, turnBudget);
  }
}
