import { RECEIVE_BUFFER_PER_FRAME } from '../../receive-buffer';

/** A large buffer that was full brings at least this many messages together: they are read 64 at a time. */
const FULL_BATCH = 32;

/** Where the loss counts come from. */
export interface LossSources {
  /** Messages that the kernel dropped, by the count of the socket, correct at any time. 0 if it has no count. */
  readonly drops: number;
  /** The granted receive buffer, in bytes. */
  readonly receiveBufferSize: number;
}

/** Counts the messages that were lost on reception, and how many of them were reported. */
export class Losses {
  readonly #sources: LossSources;
  /** Drops that the kernel attached to messages. */
  #attached = 0;
  #reported = 0;

  constructor(sources: LossSources) {
    this.#sources = sources;
  }

  /** The lost messages so far. A kernel without a count (before 4.12) only attaches its drops to messages. */
  get total(): number {
    return Math.max(this.#sources.drops, this.#attached);
  }

  /**
   * Returns the number of lost messages that were not reported yet.
   *
   * It asks the kernel only if its buffer may have been full: otherwise nothing was dropped, and asking costs as much
   * as ten messages.
   *
   * @param taken records that arrived together
   * @param attached drops that the kernel attached to the messages so far
   */
  unreported(taken: number, attached: number): number {
    const { receiveBufferSize } = this.#sources;
    // Half of the buffer, because a full one may come in two parts, where the ring ends.
    const full = Math.min(FULL_BATCH, receiveBufferSize / RECEIVE_BUFFER_PER_FRAME / 2);
    if (taken < full && attached === this.#attached) return 0;
    this.#attached = attached;
    const { total } = this;
    const lost = total - this.#reported;
    this.#reported = total;
    return lost;
  }
}
