import { RING_SLOTS } from '../../channel/connection';
import type { ReceivedFrame } from './received-frame';

/**
 * Frames that arrive before anyone listens, because the socket receives only to confirm what it sends. It keeps as many
 * as the ring holds for the first listener, as the kernel would keep them.
 */
export class EarlyFrames {
  #frames: ReceivedFrame[] | undefined = [];

  /** Stores what fits and returns the number of discarded frames. Returns undefined once someone listens. */
  keep(frames: readonly ReceivedFrame[]): number | undefined {
    if (this.#frames === undefined) return undefined;
    const room = RING_SLOTS - this.#frames.length;
    this.#frames.push(...frames.slice(0, room));
    return Math.max(0, frames.length - room);
  }

  /** Someone listens from now on. Returns the stored frames. */
  take(): readonly ReceivedFrame[] {
    const frames = this.#frames ?? [];
    this.#frames = undefined;
    return frames;
  }
}
