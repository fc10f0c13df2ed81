import type { Frame } from '../../frame/frame';
import type { Timestamp } from '../../timestamp';
import type { Confirmable } from '../../raw/receive/echoes';
import type { CheckedSend } from '../../raw/transmit/send-options';
import type { Confirmation, SendResult } from '../../send-result';

/** A call of send() that has not ended. */
export class Job implements Confirmable {
  readonly frames: readonly Frame[];
  /** The deadline (monotonic ns). */
  readonly deadlineNs: bigint;
  readonly signal: AbortSignal | undefined;
  readonly confirms: boolean;
  /** The number of sent frames, which is the index of the next one. */
  sent = 0;
  /** Called when the last echo arrived or was given up. */
  onEchoed: (() => void) | undefined;
  readonly #echo: boolean | readonly boolean[];
  readonly #resolve: (result: SendResult) => void;
  readonly #reject: (error: Error) => void;
  readonly #confirmation: Confirmation | undefined;
  readonly #confirmations: (Timestamp | undefined)[] = [];
  #confirmed = 0;
  /** Frames whose echo arrived or was given up. */
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

  /** The number of frames still to send. */
  get left(): number {
    return this.frames.length - this.sent - this.#purged;
  }

  /** Whether echoes that confirm frames of this call can still arrive. */
  get awaitsEchoes(): boolean {
    return this.confirms && this.#echoed < this.sent;
  }

  /** Whether the socket delivers the echo of the frame with this index to listeners. */
  wants(index: number): boolean {
    return typeof this.#echo === 'boolean' ? this.#echo : this.#echo[index] === true;
  }

  echoed(index: number, at: Timestamp | undefined): void {
    this.#echoed++;
    this.#confirmations[index] = at;
    if (at !== undefined) this.#confirmed++;
    if (!this.awaitsEchoes) this.onEchoed?.();
  }

  /** Drops the frames still to send and returns their number. */
  purge(): number {
    const { left } = this;
    this.#purged += left;
    return left;
  }

  /** The result so far, in which the frames still to send count as expired or refused. */
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

  /** Resolves the call, unless it has ended. */
  resolve(): void {
    if (!this.#settled) this.#resolve(this.result('expired'));
    this.#settled = true;
  }

  reject(error: Error): void {
    if (!this.#settled) this.#reject(error);
    this.#settled = true;
  }
}
