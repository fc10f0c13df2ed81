import type { Frame } from '../../frame';
import type { Timestamp } from '../timestamp';
import type { Confirmable } from './echoes';
import type { CheckedSend } from './options';
import type { Confirmation, SendResult } from './result';

/** A call of send(), on its way. */
export class Job implements Confirmable {
  readonly frames: readonly Frame[];
  /** When to give up, monotonic ns. */
  readonly deadlineNs: bigint;
  readonly signal: AbortSignal | undefined;
  readonly confirms: boolean;
  /** Frames handed over so far: the index of the next. */
  sent = 0;
  /** Called when no echo is awaited any more, of a call that has been handed over. */
  onEchoed: (() => void) | undefined;
  readonly #echo: boolean | readonly boolean[];
  readonly #resolve: (result: SendResult) => void;
  readonly #reject: (error: Error) => void;
  readonly #confirmation: Confirmation | undefined;
  readonly #confirmations: (Timestamp | undefined)[] = [];
  #confirmed = 0;
  /** Frames whose echo has come, or will not. */
  #echoed = 0;
  #purged = 0;
  #settled = false;

  constructor(
    { list, echo, deadlineNs, signal, confirm }: CheckedSend,
    confirmation: Confirmation | undefined,
    resolve: (result: SendResult) => void,
    reject: (error: Error) => void,
  ) {
    this.frames = list;
    this.#echo = echo;
    this.deadlineNs = deadlineNs;
    this.signal = signal;
    this.confirms = confirm;
    this.#confirmation = confirmation;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Frames not handed over yet. */
  get left(): number {
    return this.frames.length - this.sent - this.#purged;
  }

  /** Whether there are frames whose echo is to be told and still may come. */
  get awaitsEchoes(): boolean {
    return this.confirms && this.#echoed < this.sent;
  }

  /** Whether the frame of this index is to be received when it comes back. */
  wants(index: number): boolean {
    return typeof this.#echo === 'boolean' ? this.#echo : this.#echo[index] === true;
  }

  echoed(index: number, at: Timestamp | undefined): void {
    this.#echoed++;
    this.#confirmations[index] = at;
    if (at !== undefined) this.#confirmed++;
    if (!this.awaitsEchoes) this.onEchoed?.();
  }

  /** What is left is not to be sent any more. Returns how many frames that is. */
  purge(): number {
    const { left } = this;
    this.#purged += left;
    return left;
  }

  /** As it is now: what is left has expired, or was refused. */
  result(left: 'expired' | 'refused'): SendResult {
    const counts = {
      sent: this.sent,
      expired: left === 'expired' ? this.left : 0,
      refused: left === 'refused' ? this.left : 0,
      purged: this.#purged,
      confirmed: this.#confirmed,
    };
    if (!this.confirms || this.#confirmation === undefined) return counts;
    const confirmations = Array.from({ length: this.sent }, (_, i) => this.#confirmations[i]);
    return { ...counts, confirmations, confirmation: this.#confirmation };
  }

  /** Ends the call; only the first end counts. */
  resolve(): void {
    if (!this.#settled) this.#resolve(this.result('expired'));
    this.#settled = true;
  }

  reject(error: Error): void {
    if (!this.#settled) this.#reject(error);
    this.#settled = true;
  }
}
