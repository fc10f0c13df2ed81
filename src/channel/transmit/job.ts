import { abortError, onAbort } from '../../abort';
import type { Confirmation, SendResult } from '../../send-result';
import type { Timestamp } from '../../timestamp';
import type { SendRequest } from './send-request';

/** Receives the echoes of sent items. */
export interface Confirmable {
  /** The echo of the item with this index arrived at this time; undefined: it will not arrive. */
  echoed(index: number, at: Timestamp | undefined): void;
}

/** A call of send() that has not ended. */
export class Job<T> implements Confirmable {
  readonly items: readonly T[];
  /** The deadline (monotonic ns). */
  readonly deadlineNs: bigint;
  readonly confirms: boolean;
  /** The number of sent items, which is the index of the next one. */
  sent = 0;
  /** Called when the last echo arrived or was given up. */
  onEchoed: (() => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #echo: boolean | readonly boolean[];
  readonly #resolve: (result: SendResult) => void;
  readonly #reject: (error: Error) => void;
  readonly #confirmation: Confirmation | undefined;
  readonly #confirmations: (Timestamp | undefined)[] = [];
  #unwatchSignal: (() => void) | undefined;
  #confirmed = 0;
  /** Items whose echo arrived or was given up. */
  #echoed = 0;
  #purged = 0;
  #settled = false;

  constructor(
    { items, echo, deadlineNs, signal, confirm }: SendRequest<T>,
    confirmation: Confirmation | undefined,
    resolve: (result: SendResult) => void,
    reject: (error: Error) => void,
  ) {
    this.items = items;
    this.#echo = echo;
    this.deadlineNs = deadlineNs;
    this.#signal = signal;
    this.confirms = confirm;
    this.#confirmation = confirmation;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The number of items still to send. */
  get left(): number {
    return this.items.length - this.sent - this.#purged;
  }

  get isAborted(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Whether echoes that confirm items of this call can still arrive. */
  get awaitsEchoes(): boolean {
    return this.confirms && this.#echoed < this.sent;
  }

  /** Calls a function when the signal is aborted, unless the call has ended by then. */
  watchSignal(onAborted: () => void): void {
    if (this.#signal !== undefined) this.#unwatchSignal = onAbort(this.#signal, onAborted);
  }

  /** Whether the socket delivers the echo of the item with this index to listeners. */
  wantsEcho(index: number): boolean {
    return typeof this.#echo === 'boolean' ? this.#echo : this.#echo[index] === true;
  }

  echoed(index: number, at: Timestamp | undefined): void {
    this.#echoed++;
    this.#confirmations[index] = at;
    if (at !== undefined) this.#confirmed++;
    if (!this.awaitsEchoes) this.onEchoed?.();
  }

  /** Drops the items still to send and returns their number. */
  purge(): number {
    const { left } = this;
    this.#purged += left;
    return left;
  }

  /** The result so far, in which the items still to send count as expired or refused. */
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
    if (this.#settle()) this.#resolve(this.result('expired'));
  }

  /** Rejects the call, unless it has ended. */
  reject(error: Error): void {
    if (this.#settle()) this.#reject(error);
  }

  /** Rejects the call with the AbortError of its signal. */
  rejectAborted(): void {
    const result = this.result('refused');
    this.reject(abortError(this.#signal as AbortSignal, { sent: this.sent, result }));
  }

  /** Ends the call. Returns false if it has ended before. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#unwatchSignal?.();
    return true;
  }
}
