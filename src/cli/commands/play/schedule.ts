import type { Clock } from '../../../clock';
import type { Terminal } from '../../main/terminal';
import { pauseUntil } from '../../time/wait';

export interface ScheduleOptions {
  /** How many times faster than the log. */
  readonly speed: number;
  /** The time from frame to frame, instead of the times of the log. */
  readonly gapMs: number | undefined;
  /** The longest wait for a frame. */
  readonly longestMs: number;
}

/** Frames due within this time are sent together, in ns. Timers are not more accurate. */
const SLACK_NS = 500_000n;

/** Calculates when to send each frame of a log, on the monotonic clock. */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  /** When the latest frame is due. */
  #dueNs = 0n;
  /** The latest time in the log so far. A frame with an earlier time is sent at once, as canplayer does. */
  #logNs: bigint | undefined;

  constructor(options: ScheduleOptions, { clock, signal }: Pick<Terminal, 'clock' | 'signal'>) {
    this.#options = options;
    this.#clock = clock;
    this.#signal = signal;
  }

  /**
   * Schedules the next frame.
   *
   * @param systemNs its time in the log
   * @returns true if it is not due yet: call {@link wait} before sending it
   */
  next(systemNs: bigint): boolean {
    if (this.#logNs === undefined) this.#dueNs = this.#clock.now();
    else this.#dueNs += this.#gap(systemNs - this.#logNs);
    if (this.#logNs === undefined || systemNs > this.#logNs) this.#logNs = systemNs;
    return this.#options.gapMs !== 0 && this.#dueNs - this.#clock.now() > SLACK_NS;
  }

  /** Resolves when the latest frame is due, or when the signal is aborted. */
  async wait(): Promise<void> {
    await pauseUntil(this.#dueNs, this.#clock, this.#signal);
  }

  /** @param logNs the time from frame to frame in the log */
  #gap(logNs: bigint): bigint {
    const { gapMs, speed, longestMs } = this.#options;
    if (gapMs !== undefined) return BigInt(Math.round(gapMs * 1e6));
    if (logNs <= 0n) return 0n;
    const ns = Number(logNs) / speed;
    return BigInt(Math.round(Math.min(ns, longestMs * 1e6)));
  }
}
