import type { Clock } from '../../clock';
import type { SendResult } from '../../index';
import { isAbort } from '../main/failures';
import type { Terminal } from '../main/terminal';
import { frameCount } from '../text/frame-count';
import { jsonLine } from '../text/json';

/** The counts of a command that sends: offered = sent + expired + refused. */
export class SendSummary {
  offered = 0;
  /** Frames that the kernel accepted. */
  sent = 0;
  /** Frames that the kernel did not accept in time. */
  expired = 0;
  /** Frames that the kernel or the driver rejected. */
  refused = 0;
  confirmed = 0;
  readonly #clock: Clock;
  readonly #startNs: bigint;
  #endNs: bigint | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startNs = clock.now();
  }

  /** Adds the result of a call that offered `count` frames. */
  add(count: number, result: SendResult): void {
    this.offered += count;
    this.sent += result.sent;
    this.expired += result.expired + result.purged;
    this.refused += result.refused;
    this.confirmed += result.confirmed;
  }

  /**
   * Adds a failed call, with the counts that its error has. The rest counts as expired, or as not offered if the call
   * was interrupted.
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

  /** Whether every offered frame was sent. */
  get complete(): boolean {
    return this.sent === this.offered;
  }

  /** Stops the time. Later calls have no effect. */
  end(): void {
    this.#endNs ??= this.#clock.now();
  }

  get seconds(): number {
    return Number((this.#endNs ?? this.#clock.now()) - this.#startNs) / 1e9;
  }

  /** Frames sent per second. */
  get rate(): number {
    return this.seconds > 0 ? this.sent / this.seconds : 0;
  }

  toString(): string {
    const { sent, expired, refused, seconds, rate } = this;
    const counts = `sent ${sent}, expired ${expired}, refused ${refused}`;
    return `offered ${frameCount(this.offered)}: ${counts}; ${seconds.toFixed(3)} s, ${rate.toFixed(0)} frames/s`;
  }

  /** Stops the time and writes the summary: a line on stderr, or JSON with additional fields on stdout. */
  write(io: Terminal, name: string, json: boolean, fields: object = {}): void {
    this.end();
    if (!json) {
      io.report(`${name}: ${this.toString()}`);
      return;
    }
    const { offered, sent, expired, refused, seconds } = this;
    io.print(jsonLine({ event: 'account', offered, sent, expired, refused, seconds, ...fields }));
  }
}

/** Returns the counts of a failed send. Errors of all classes have them. */
export function failedResult(error: unknown): Pick<SendResult, 'sent' | 'refused'> {
  const { result } = error as { readonly result?: SendResult };
  return result ?? { sent: 0, refused: 0 };
}
