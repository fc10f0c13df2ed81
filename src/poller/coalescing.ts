/**
 * Reads within the time before it is worth waiting: more than the two frames from which on it pays, so that frames
 * which come about as often as that do not make it begin and end, which costs more than it saves.
 */
const READS_IN_TIME = 4;

/**
 * Whether to leave a socket alone for a while after it has been read, so that the frames that come
 * meanwhile are one wake and not many. It pays from two frames in that time on; below that it ends by itself, so that
 * a frame that comes alone is never late.
 */
export class Coalescing {
  readonly #ms: number;
  /** The times of the reads before, the latest last. */
  readonly #before = new Array<number>(READS_IN_TIME - 1).fill(-Infinity);
  #waiting = false;

  /** @param ms how long, in ms; 0: never */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /**
   * How long to wait after a read, in ms, 0 as a rule.
   *
   * @param frames frames that were read
   * @param nowMs the time of the read, on any clock in ms; by default that of performance.now()
   */
  after(frames: number, nowMs?: number): number {
    if (this.#ms === 0) return 0;
    // Read for another reason than frames: for an error, or for who waits for an empty socket.
    if (frames === 0 && !this.#waiting) return 0;
    if (this.#waiting) {
      this.#waiting = frames > 1;
      if (!this.#waiting) this.#before.fill(-Infinity);
    }
    if (!this.#waiting && frames > 0) {
      const now = nowMs ?? performance.now();
      const first = this.#before.shift() as number;
      this.#before.push(now);
      this.#waiting = now - first < this.#ms;
    }
    return this.#waiting ? this.#ms : 0;
  }
}
