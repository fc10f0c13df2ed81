import type { ReceivedFrame } from './reception';

/** As many as the poller's ring holds. */
const LIMIT = 4096;

/**
 * Frames that came before anybody listened to them, because the socket receives for confirmations only:
 * kept for the first who listens, as the kernel would keep them.
 */
export class EarlyFrames {
  #frames: ReceivedFrame[] | undefined = [];

  /** Keeps frames, as far as there is room, and returns how many it does not; undefined: somebody listens. */
  keep(frames: readonly ReceivedFrame[]): number | undefined {
    if (this.#frames === undefined) return undefined;
    const room = LIMIT - this.#frames.length;
    this.#frames.push(...frames.slice(0, room));
    return Math.max(0, frames.length - room);
  }

  /** Somebody listens from now on: what was kept until then. */
  take(): readonly ReceivedFrame[] {
    const frames = this.#frames ?? [];
    this.#frames = undefined;
    return frames;
  }
}
