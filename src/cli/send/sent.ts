import type { Clock } from '../../clock';
import type { SendResult } from '../../index';
import { frames } from '../receive/account';
import type { Terminal } from '../main/command';
import { jsonLine } from '../text/json';
import { isAbort } from '../main/terminal';

/** What became of frames that were to be sent. offered = sent + expired + refused. */
export class SendAccount {
  offered = 0;
  sent = 0;
  /** Not taken by the kernel in time. */
  expired = 0;
  refused = 0;
  confirmed = 0;
  readonly #clock: Clock;
  readonly #startNs: bigint;
  #endNs: bigint | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startNs = clock.now();
  }

  /** Adds the result of a call that was to send so many. */
  add(count: number, result: SendResult): void {
    this.offered += count;
    this.sent += result.sent;
    this.expired += result.expired + result.purged;
    this.refused += result.refused;
    this.confirmed += result.confirmed;
  }

  /**
   * Adds a call that has failed, with what the error tells of it; the rest was not sent in time. What an
   * interruption has kept back was not offered.
   */
  addFailed(count: number, error: unknown): void {
    const { sent, refused } = failedResult(error);
    this.sent += sent;
    if (isAbort(error)) {
      this.offered += sent;
      return;
    }
    this.offered += count;
    this.refused += refused;
    this.expired += count - sent - refused;
  }

  /** Whether all that was offered was sent. */
  get complete(): boolean {
    return this.sent === this.offered;
  }

  end(): void {
    this.#endNs ??= this.#clock.now();
  }

  get seconds(): number {
    return Number((this.#endNs ?? this.#clock.now()) - this.#startNs) / 1e9;
  }

  /** Frames sent a second. */
  get rate(): number {
    return this.seconds > 0 ? this.sent / this.seconds : 0;
  }

  toString(): string {
    const { sent, expired, refused, seconds, rate } = this;
    const parts = [`offered ${frames(this.offered)}: sent ${sent}`];
    parts.push(`expired ${expired}`, `refused ${refused}`);
    return `${parts.join(', ')}; ${seconds.toFixed(3)} s, ${rate.toFixed(0)} frames/s`;
  }

  /** The account on stdout, in words or as JSON with what is added to it. */
  report(io: Terminal, name: string, json: boolean, more: object = {}): void {
    this.end();
    if (!json) {
      io.tell(`${name}: ${this.toString()}`);
      return;
    }
    const { offered, sent, expired, refused, seconds } = this;
    io.print(jsonLine({ event: 'account', offered, sent, expired, refused, seconds, ...more }));
  }
}

/** The errors of a send have its result, whatever their class. */
export function failedResult(error: unknown): Pick<SendResult, 'sent' | 'refused'> {
  const { result } = error as { readonly result?: SendResult };
  return result ?? { sent: 0, refused: 0 };
}
