import { DataFrame, FrameFormat, type Frame } from '../../../src/frame';
import type { Job } from '../../../src/socket/transmit/job';
import type { CheckedSend } from '../../../src/socket/transmit/options';
import type { SendOrder } from '../../../src/socket/transmit/order';
import { TransmitQueue, type Outlet } from '../../../src/socket/transmit/queue';
import type { SendResult } from '../../../src/socket/transmit/result';
import type { Selection } from '../../../src/socket/transmit/selection';
import { newCounters } from '../../../src/socket/statistics';

/** Now, on the clock of deadlines. */
export const now = (): bigint => process.hrtime.bigint();

/** Frames whose identifiers count from `first` on. */
export function frames(count: number, first = 0): DataFrame[] {
  return Array.from(
    { length: count },
    (_, index) => new DataFrame(FrameFormat.Extended, first + index, new Uint8Array(0)),
  );
}

/**
 * In the kernel's place: answers each call by the next of a script (a number of frames to take at
 * most, or a negative error number), and by `default_` when that is at its end.
 */
export class FakeOutlet implements Outlet {
  readonly batch: number = 64;
  readonly taken: Frame[] = [];
  /** What each call was offered. */
  readonly offers: Frame[][] = [];
  /** What was told to be handed over, frame by frame. */
  readonly told: { readonly job: Job; readonly index: number }[] = [];
  /** Frames taken by a call at most. */
  most = Infinity;
  /** How long a call takes, in ns. */
  work = 0n;
  onCall: (() => void) | undefined;
  afterSent: ((job: Job) => void) | undefined;
  /** The answers to come. */
  readonly script: number[];
  default_: number | undefined;

  constructor(script: readonly number[], default_?: number) {
    this.script = [...script];
    this.default_ = default_;
  }

  send(selection: Selection): number {
    const offered = Array.from({ length: selection.count }, (_, place) => selection.frame(place));
    this.offers.push(offered);
    this.onCall?.();
    for (const start = now(); now() - start < this.work;);
    const answer = this.script.shift() ?? this.default_ ?? this.most;
    if (answer < 0) return answer;
    const taken = offered.slice(0, answer);
    this.taken.push(...taken);
    return taken.length;
  }

  onSent(job: Job, index: number): void {
    this.told.push({ job, index });
    this.afterSent?.(job);
  }

  refusal(result: number, frame: Frame, what: SendResult): Error {
    return Object.assign(new Error('refused'), {
      answer: result,
      frame,
      sent: what.sent,
      result: what,
    });
  }
}

/** A call with an hour's time; more of it as is needed. */
export function far(list: readonly Frame[], more: Partial<CheckedSend> = {}): CheckedSend {
  return { ...call(list, false, now() + 3_600_000_000_000n), ...more };
}

/** A call that has been checked. */
export function call(
  list: readonly Frame[],
  echo: boolean | readonly boolean[],
  deadlineNs: bigint,
  signal?: AbortSignal,
  confirm = false,
): CheckedSend {
  return { list, echo, deadlineNs, signal, confirm };
}

/** What the calls are rejected with that wait when a queue is closed. */
export function closedError(result: SendResult): Error {
  return Object.assign(new Error('closed'), { sent: result.sent, result });
}

/** A queue with its counters, in front of a fake kernel. */
export class QueueBench {
  readonly outlet: FakeOutlet;
  readonly counters = newCounters();
  readonly queue: TransmitQueue;

  constructor(script: readonly number[] = [], default_?: number, order?: SendOrder) {
    this.outlet = new FakeOutlet(script, default_);
    this.queue = new TransmitQueue(this.outlet, this.counters, order);
  }
}
