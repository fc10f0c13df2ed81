import type { Clock } from '../../../clock';
import type { Terminal } from '../../main/command';
import { pauseUntil } from '../../main/wait';

export interface Times {
  readonly speed: number;
  readonly gapMs: number | undefined;
  readonly longestMs: number;
}

/** Frames due within this time are sent with what is due now: timers are no better, in ns. */
const SLACK_NS = 500_000n;

/** When the frames of a log are to be sent, on the monotonic clock. */
export class Schedule {
  readonly #times: Times;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #dueNs = 0n;
  /** The latest time of the log so far: what is earlier than that is sent at once, as canplayer does. */
  #logNs: bigint | undefined;

  constructor(times: Times, { clock, signal }: Pick<Terminal, 'clock' | 'signal'>) {
    this.#times = times;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Takes the time of the next frame in the log; true: it has to be waited for. */
  next(systemNs: bigint): boolean {
    if (this.#logNs === undefined) this.#dueNs = this.#clock.now();
    else this.#dueNs += this.#gap(systemNs - this.#logNs);
    if (this.#logNs === undefined || systemNs > this.#logNs) this.#logNs = systemNs;
    return this.#times.gapMs !== 0 && this.#dueNs - this.#clock.now() > SLACK_NS;
  }

  async wait(): Promise<void> {
    await pauseUntil(this.#dueNs, this.#clock, this.#signal);
  }

  #gap(logNs: bigint): bigint {
    const { gapMs, speed, longestMs } = this.#times;
    if (gapMs !== undefined) return BigInt(Math.round(gapMs * 1e6));
    if (logNs <= 0n) return 0n;
    const ns = Number(logNs) / speed;
    return BigInt(Math.round(Math.min(ns, longestMs * 1e6)));
  }
}
