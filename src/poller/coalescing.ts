import { systemClock, type Clock } from '../clock';

/**
 * Reads that must fall within the time before waiting begins. Waiting pays off from two packets on. Four keep traffic
 * near that rate from starting and ending it all the time, which costs more than it saves.
 */
const READS_IN_TIME = 4;

/**
 * Decides whether to pause reading a socket for a while, so that packets that arrive meanwhile cost one wake-up
 * instead of many. Waiting ends by itself when fewer than two packets arrive in the time: an isolated packet is
 * never delayed.
 */
export class Coalescing {
  readonly #ms: number;
  readonly #clock: Pick<Clock, 'now'>;
  /** The times of the last reads in ms, oldest first. */
  readonly #before = new Array<number>(READS_IN_TIME - 1).fill(-Infinity);
  #waiting = false;

  /** @param ms how long to wait, in ms; 0 disables waiting */
  constructor(ms: number, clock: Pick<Clock, 'now'> = systemClock) {
    this.#ms = ms;
    this.#clock = clock;
  }

  /**
   * Returns how long to wait after a read, in ms; 0: not at all.
   *
   * @param packets number of packets that the read returned
   */
  after(packets: number): number {
    if (this.#ms === 0) return 0;
    // Not triggered by packets but by an error or a pending drain().
    if (packets === 0 && !this.#waiting) return 0;
    if (this.#waiting) {
      this.#waiting = packets > 1;
      if (!this.#waiting) this.#before.fill(-Infinity);
    }
    if (!this.#waiting && packets > 0) {
      const now = Number(this.#clock.now()) / 1e6;
      const first = this.#before.shift() as number;
      this.#before.push(now);
      this.#waiting = now - first < this.#ms;
    }
    return this.#waiting ? this.#ms : 0;
  }
}
