import { MAX_RING_SLOTS } from '../connection';

/**
 * Messages that arrive before anyone listens, because the socket receives only to confirm what it sends. It keeps as
 * many as a ring can hold for the first listener, as the kernel would keep them.
 */
export class EarlyMessages<T> {
  #messages: T[] | undefined = [];

  /** Stores what fits and returns the number of discarded messages. Returns undefined once someone listens. */
  keep(messages: readonly T[]): number | undefined {
    if (this.#messages === undefined) return undefined;
    const room = MAX_RING_SLOTS - this.#messages.length;
    this.#messages.push(...messages.slice(0, room));
    return Math.max(0, messages.length - room);
  }

  /** Someone listens from now on. Returns the stored messages. */
  take(): readonly T[] {
    const messages = this.#messages ?? [];
    this.#messages = undefined;
    return messages;
  }
}
