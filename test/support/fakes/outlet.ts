import { DataFrame } from '../../../src/frame/data-frame';
import { FrameFormat } from '../../../src/frame/format';
import type { Frame } from '../../../src/frame/frame';
import { newCounters } from '../../../src/raw/statistics';
import type { Job } from '../../../src/channel/transmit/job';
import type { CheckedSend } from '../../../src/raw/transmit/send-options';
import type { SendOrder } from '../../../src/channel/transmit/order';
import { TransmitQueue, type Outlet } from '../../../src/channel/transmit/queue';
import type { SendResult } from '../../../src/send-result';
import type { Selection } from '../../../src/channel/transmit/selection';
import { Turns } from '../../../src/channel/transmit/turns';
import { FakeClock } from './clock';

/** A deadline that no test reaches, on the clock of a {@link QueueBench} (ns). */
const FAR_NS = 3_600_000_000_000n;

/** Frames whose identifiers count up from `first`. */
export function frames(count: number, first = 0): DataFrame[] {
  return Array.from(
    { length: count },
    (_, index) => new DataFrame(FrameFormat.Extended, first + index, new Uint8Array(0)),
  );
}

/**
 * Stands in for the kernel: answers each call with the next number of a script (how many frames it takes
 * at most, or a negative error number), and with `default_` after the end of the script.
 */
export class FakeOutlet implements Outlet {
  readonly batch: number = 64;
  readonly taken: Frame[] = [];
  /** The frames that each call offered. */
  readonly offers: Frame[][] = [];
  /** When each call was made, in ns since the outlet exists. */
  readonly times: bigint[] = [];
  /** The frames that the queue reported as sent, one by one. */
  readonly reported: { readonly job: Job; readonly index: number }[] = [];
  /** How many frames a call takes at most. */
  most = Infinity;
  /** How long a call takes, in ns. */
  work = 0n;
  onCall: (() => void) | undefined;
  afterSent: ((job: Job) => void) | undefined;
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

  send(selection: Selection): number {
    const offered = Array.from({ length: selection.count }, (_, place) => selection.frame(place));
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

  onSent(job: Job, index: number): void {
    this.reported.push({ job, index });
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

/** A checked call without echoes, whose deadline is far away. */
export function call(list: readonly Frame[], more: Partial<CheckedSend> = {}): CheckedSend {
  const plain = { echo: false, confirm: false, signal: undefined, deadlineNs: FAR_NS };
  return { list, ...plain, ...more };
}

/** What a closed queue rejects the waiting calls with. */
export function closedError(result: SendResult): Error {
  return Object.assign(new Error('closed'), { sent: result.sent, result });
}

/** A queue with its counters, in front of a fake kernel, on a clock that the test advances. */
export class QueueBench {
  readonly clock: FakeClock;
  readonly outlet: FakeOutlet;
  readonly counters = newCounters();
  readonly queue: TransmitQueue;

  constructor(
    script: readonly number[] = [],
    default_?: number,
    order?: SendOrder,
    clock = new FakeClock(),
    turns = new Turns(clock),
  ) {
    this.clock = clock;
    this.outlet = new FakeOutlet(clock, script, default_);
    this.queue = new TransmitQueue(this.outlet, this.counters, order, turns);
  }
}
