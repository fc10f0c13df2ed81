import { systemClock, type Clock } from '../clock';

/**
 * Reads within the time before waiting begins. Waiting pays from two frames in the time on. Four avoid that frames
 * at about that rate make it begin and end all the time, which costs more than it saves.
 */
const READS_IN_TIME = 4;

/**
 * Decides whether to leave a socket alone for a while after a read, so that frames that arrive meanwhile cost one
 * wake instead of many. Waiting ends by itself when fewer than two frames arrive in the time, so a single frame is
 * never late.
 */
export class Coalescing {
  readonly #ms: number;
  readonly #clock: Pick<Clock, 'now'>;
  /** The times of the last reads in ms, the latest last. */
  readonly #before = new Array<number>(READS_IN_TIME - 1).fill(-Infinity);
  #waiting = false;

  /** @param ms how long to wait, in ms; 0: never */
  constructor(ms: number, clock: Pick<Clock, 'now'> = systemClock) {
    this.#ms = ms;
    this.#clock = clock;
  }

  /**
   * Returns how long to wait after a read, in ms. 0 means that it does not wait.
   *
   * @param frames number of frames that the read returned
   */
  after(frames: number): number {
    if (this.#ms === 0) return 0;
    // An error or a drain() caused this read, not a frame.
    if (frames === 0 && !this.#waiting) return 0;
    if (this.#waiting) {
      this.#waiting = frames > 1;
      if (!this.#waiting) this.#before.fill(-Infinity);
    }
    if (!this.#waiting && frames > 0) {
      const now = Number(this.#clock.now()) / 1e6;
      const first = this.#before.shift() as number;
      this.#before.push(now);
      this.#waiting = now - first < this.#ms;
    }
    return this.#waiting ? this.#ms : 0;
  }
}
