import type { CANSocket, DataFrame, RemoteFrame } from '../../../index';
import { failedResult } from '../../send/send-summary';

/** Frames that arrived together. */
interface QueuedFrames {
  readonly frames: readonly (DataFrame | RemoteFrame)[];
  /** Monotonic. */
  readonly deadlineNs: bigint;
}

/** Sends frames through a socket in order, and counts what became of each. */
export class OutputQueue {
  readonly #socket: CANSocket;
  readonly #timeoutNs: bigint;
  readonly #queue: QueuedFrames[] = [];
  readonly #counts = { forwarded: 0, expired: 0, refused: 0, waiting: 0 };
  #paused = false;
  #sending: Promise<void> | undefined;

  /** @param timeoutMs how long a frame may wait before it expires */
  constructor(socket: CANSocket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutNs = BigInt(Math.round(timeoutMs * 1e6));
  }

  /** How many frames were sent, expired or were refused, and how many still wait. */
  get counts(): Readonly<Record<'forwarded' | 'expired' | 'refused' | 'waiting', number>> {
    return this.#counts;
  }

  /** @param nowNs when the frames arrived, monotonic */
  add(frames: readonly (DataFrame | RemoteFrame)[], nowNs: bigint): void {
    this.#counts.waiting += frames.length;
    this.#queue.push({ frames, deadlineNs: nowNs + this.#timeoutNs });
    this.#send();
  }

  /** Sends nothing until {@link resume}. New frames wait. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#send();
  }

  /** Resolves when no frame waits, after the timeout at the latest. */
  async empty(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  /** Starts sending. One call of send at a time, so that later frames do not overtake those behind a refused one. */
  #send(): void {
    if (this.#sending !== undefined || this.#paused || this.#queue.length === 0) return;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
      // Sends the frames that arrived while the last call was ending.
      this.#send();
    });
  }

  async #sendAll(): Promise<void> {
    while (!this.#paused) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      const rest = await this.#sendFrames(next);
      if (rest.length > 0) this.#queue.unshift({ ...next, frames: rest });
    }
  }

  /** @returns the frames behind a refused one, which are still to be sent */
  async #sendFrames({ frames, deadlineNs }: QueuedFrames): Promise<QueuedFrames['frames']> {
    const counts = this.#counts;
    let rest: QueuedFrames['frames'] = [];
    try {
      const { sent, expired } = await this.#socket.send(frames, { deadlineNs });
      counts.forwarded += sent;
      counts.expired += expired;
    } catch (error) {
      const { sent } = failedResult(error);
      counts.forwarded += sent;
      // A closed socket refuses all frames.
      if (this.#socket.state !== 'closed') rest = frames.slice(sent + 1);
      counts.refused += frames.length - sent - rest.length;
    }
    counts.waiting -= frames.length - rest.length;
    return rest;
  }
}
