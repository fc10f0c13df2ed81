/** Reads in a row that must come within the time before it is worth waiting. */
const READS_IN_A_ROW = 3;

/**
 * Whether to leave a socket alone for a while after it has been read, so that the frames that come
 * meanwhile are one wake and not many. It pays from two frames in that time on; below that it ends by itself, so that
 * a frame that comes alone is never late.
 */
export class Coalescing {
  readonly #ms: number;
  #lastMs = -Infinity;
  #quick = 0;
  #waiting = false;

  /** @param ms how long, in ms; 0: never */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /**
   * How long to wait after a read, in ms, 0 as a rule.
   *
   * @param frames frames that were read
   * @param nowMs the time of the read, on any clock in ms
   */
  after(frames: number, nowMs: number): number {
    if (this.#ms === 0) return 0;
    // Read for another reason than frames: for an error, or for who waits for an empty socket.
    if (frames === 0 && !this.#waiting) return 0;
    const soon = nowMs - this.#lastMs < this.#ms;
    this.#lastMs = nowMs;
    if (this.#waiting) this.#waiting = frames > 1;
    else {
      this.#quick = soon ? this.#quick + 1 : 0;
      this.#waiting = this.#quick >= READS_IN_A_ROW;
    }
    if (!this.#waiting) return 0;
    this.#quick = 0;
    return this.#ms;
  }
}
