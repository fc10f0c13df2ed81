import type { Frame } from '../../frame/frame';
import type { Timestamp } from '../../timestamp';

/** A received frame. */
export interface ReceivedFrame {
  /** The frame. Use `instanceof` to distinguish the kinds. */
  readonly frame: Frame;
  /** When it was received. */
  readonly timestamp: Timestamp;
  /** Whether this socket sent it. */
  readonly own: boolean;
  /** Whether a socket on this host sent it, this one or another. */
  readonly local: boolean;
}

/** Received frames one by one, for `for await`; see {@link CANSocket.frames}. */
export interface FrameIteration extends AsyncIterableIterator<ReceivedFrame, undefined> {
  /** How many frames were discarded because the limit of waiting frames was reached. */
  readonly discarded: number;
  /** Resolves with the next frame; done when the socket is closed. */
  next(): Promise<IteratorResult<ReceivedFrame, undefined>>;
  /** Ends the iteration, as `break` does. */
  return(): Promise<IteratorResult<ReceivedFrame, undefined>>;
  /** Returns the iteration itself. */
  [Symbol.asyncIterator](): this;
}
