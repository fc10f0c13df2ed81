import { DataFrame, FrameFormat, type Frame } from '../../src/frame';
import type { CheckedSend } from '../../src/socket/transmit/options';
import { newCounters } from '../../src/socket/statistics';
import { TransmitQueue, type Job, type Outlet } from '../../src/socket/transmit/queue';

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
  readonly taken: Frame[] = [];
  /** Where each call began in its job. */
  readonly offers: number[] = [];
  readonly sentCalls: { frames: readonly Frame[]; echo: unknown; from: number; count: number }[] =
    [];
  /** Frames taken by a call at most. */
  most = Infinity;
  /** How long a call takes, in ns. */
  work = 0n;
  onCall: (() => void) | undefined;
  afterSent: ((job: Job) => void) | undefined;
  readonly #script: number[];
  default_: number | undefined;

  constructor(script: readonly number[], default_?: number) {
    this.#script = [...script];
    this.default_ = default_;
  }

  send(list: readonly Frame[], from: number): number {
    this.offers.push(from);
    this.onCall?.();
    for (const start = now(); now() - start < this.work;);
    const answer = this.#script.shift() ?? this.default_ ?? this.most;
    if (answer < 0) return answer;
    const taken = list.slice(from, from + answer);
    this.taken.push(...taken);
    return taken.length;
  }

  onSent(job: Job, from: number, count: number): void {
    this.sentCalls.push({ frames: job.frames, echo: job.echo, from, count });
    this.afterSent?.(job);
  }

  refusal(result: number, frame: Frame, sent: number): Error {
    return Object.assign(new Error('refused'), { result, frame, sent });
  }
}

/** A call that has been checked. */
export function call(
  list: readonly Frame[],
  echo: boolean | readonly boolean[],
  deadlineNs: bigint,
  signal?: AbortSignal,
): CheckedSend {
  return { list, echo, deadlineNs, signal };
}

/** A queue with its counters, in front of a fake kernel. */
export class QueueBench {
  readonly outlet: FakeOutlet;
  readonly counters = newCounters();
  readonly queue: TransmitQueue;

  constructor(script: readonly number[] = [], default_?: number) {
    this.outlet = new FakeOutlet(script, default_);
    this.queue = new TransmitQueue(this.outlet, this.counters);
  }
}
