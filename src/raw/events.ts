import type { Timestamp } from '../timestamp';
import type { ReceivedFrame } from './receive/received-frame';

/** The events of a {@link CANSocket}, with the arguments of their listeners. */
export interface CANSocketEvents {
  /** Frames that arrived together, oldest first; never empty. */
  frames: [frames: readonly ReceivedFrame[]];
  /** The link went down. The socket stays open and works again when the link is up. */
  down: [at: Timestamp];
  /** The link is up. */
  up: [at: Timestamp];
  /** The interface was removed. */
  gone: [at: Timestamp];
  /** An interface of this name exists again, and the socket has opened it. It is down until 'up'. */
  back: [at: Timestamp];
  /** The kernel dropped this many frames because the receive buffer was full. */
  overflow: [lost: number];
  /**
   * In the state 'closed': the socket failed, and 'close' follows. In any other state: receiving failed once, and
   * goes on.
   */
  error: [error: Error];
  /** The socket and its descriptor are closed. It is the last event. */
  close: [];
}

/** The state of a socket: its link is `up` or `down`, its interface is `gone`, or the socket is `closed`. */
export type SocketState = 'up' | 'down' | 'gone' | 'closed';

/** Events that need the socket to follow its link. */
export const LINK_EVENTS: ReadonlySet<string | symbol> = new Set(['down', 'up', 'gone', 'back']);
