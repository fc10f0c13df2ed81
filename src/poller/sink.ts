import type { Ring } from './ring';

/** Who receives, on the main thread. None of these is called after {@link Registration.remove}. */
export interface Sink {
  /** Consumes what it likes of the ring; true when it wants to be called again for the rest. */
  onRecords(ring: Ring): boolean;
  /**
   * Receiving failed with a positive error number. All frames that were queued before the error are consumed;
   * frames that arrive after the error can come before or after this call.
   *
   * @param final nothing will be received any more
   */
  onFault(errno: number, monotonicNs: bigint, final: boolean): void;
  /** The thread itself is gone; nothing will be received any more. */
  onFailure(error: Error): void;
}

/** What to receive from, and how. */
export interface Reading {
  readonly fd: number;
  /** Records that may wait for the sink, a power of two. */
  readonly slots: number;
  /** A monotonic time in ns before which the socket cannot have received anything. */
  readonly sinceNs: bigint;
  /** How long frames that come in quick succession may be kept waiting for each other, in ms; 0: not at all. */
  readonly coalesceMs: number;
}

/** A socket's place in a poller. */
export interface Registration {
  /** Whether this socket keeps the process alive. */
  setReferenced(referenced: boolean): void;
  /** Resolves when the sink has all frames and errors that the socket holds now, and at once after removal. */
  drain(): Promise<void>;
  /** Resolves when nobody will touch the descriptor again. */
  remove(): Promise<void>;
}
