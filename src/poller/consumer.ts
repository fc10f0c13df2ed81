import type { RecordLayout } from './record';
import type { Ring } from './ring';

/** Consumes the records of a socket on the main thread. No method is called after {@link Registration.remove}. */
export interface RecordConsumer {
  /** Consumes as many records of the ring as it likes. Returns true to be called again for the rest. */
  onRecords(ring: Ring): boolean;
  /**
   * Receiving failed with a positive error number. All packets that were queued before the error are consumed.
   * Packets that arrive after the error can come before or after this call.
   *
   * @param final whether the poller has stopped reading the socket
   */
  onError(errno: number, monotonicNs: bigint, final: boolean): void;
  /** The poller's thread has ended by itself. Nothing more is received. */
  onFailure(error: Error): void;
}

/** The descriptor to receive from, and how to receive. */
export interface PollRequest {
  readonly fd: number;
  /** Records that may wait for the consumer, a power of two. */
  readonly slots: number;
  readonly layout: RecordLayout;
  /** A monotonic time in ns before which the socket cannot have received anything. */
  readonly sinceNs: bigint;
  /** How long packets that arrive in quick succession may wait for each other, in ms; 0: not at all. */
  readonly coalesceMs: number;
}

/** A socket's place in a poller. */
export interface Registration {
  /** Sets whether this socket keeps the process alive; at first it does. */
  setReferenced(referenced: boolean): void;
  /**
   * Resolves when the consumer has all packets and errors that the socket holds now, and at once after removal.
   */
  drain(): Promise<void>;
  /** Resolves when the poller will not use the descriptor again. */
  remove(): Promise<void>;
}
