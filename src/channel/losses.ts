/** What a frame takes of the receive buffer, classic or CAN FD, in bytes (measured on Linux 6.1). */
const BUFFER_BYTES_A_FRAME = 768;

/** Frames that come at once, at least, of a large buffer that was full: they are read by 64. */
const FULL_BATCH = 32;

/** Where a socket's losses are to be had from. */
export interface LossSources {
  /** Packets dropped by the kernel, by the socket's own count, right at any time; 0 where it cannot tell. */
  readonly drops: number;
  /** Receive buffer as granted, in bytes. */
  readonly receiveBufferSize: number;
}

/** Keeps track of what has been lost on reception, and of what has been told of it. */
export class Losses {
  readonly #sources: LossSources;
  #reported = 0;
  #told = 0;

  constructor(sources: LossSources) {
    this.#sources = sources;
  }

  /** Frames lost so far. Where the kernel has no count (before 4.12) it is what came with the frames. */
  get total(): number {
    return Math.max(this.#sources.drops, this.#reported);
  }

  /**
   * Frames lost that have not been told.
   *
   * The kernel is asked only if it can have dropped something: as long as its buffer was not full it has
   * not, and asking costs as much as ten frames.
   *
   * @param taken records that were received together
   * @param reported drops as reported with the frames so far
   */
  news(taken: number, reported: number): number {
    const { receiveBufferSize } = this.#sources;
    // Half of it, for a full buffer may come in two parts, where the ring ends.
    const full = Math.min(FULL_BATCH, receiveBufferSize / BUFFER_BYTES_A_FRAME / 2);
    if (taken < full && reported === this.#reported) return 0;
    this.#reported = reported;
    const { total } = this;
    const news = total - this.#told;
    this.#told = total;
    return news;
  }
}
