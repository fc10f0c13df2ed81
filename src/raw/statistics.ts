/** What a socket has done since it was opened, in frames. */
export interface SocketStatistics {
  /** Frames of other sockets and nodes, error frames among them, that came through the filters. */
  readonly received: number;
  /** Own frames come back that were asked for. */
  readonly receivedOwn: number;
  /** Lost in the kernel because the receive buffer was full; the kernel's own count. */
  readonly dropped: number;
  /** Received but malformed or of no kind this library knows, and so not delivered. */
  readonly unsupported: number;
  /** Own frames that came back though neither their echo nor a confirmation was asked for: not delivered. */
  readonly unrequested: number;
  /** Received only because an echo was asked for, turned away by the acceptance filters. */
  readonly filtered: number;
  /** Received when there was no 'frames' listener, or for a `for await` loop whose queue was full. */
  readonly discarded: number;
  /** Handed to the kernel. */
  readonly sent: number;
  /** Not handed over when their deadline came. */
  readonly expired: number;
  /** Refused by the kernel for good, with those after it in the same call; or waiting when the socket was closed. */
  readonly refused: number;
  /** Not handed over when their AbortSignal was aborted. */
  readonly aborted: number;
  /** Not handed over when {@link CANSocket.purge} was called. */
  readonly purged: number;
  /** Sent with `confirm`, and come back. */
  readonly confirmed: number;
  /** Times the kernel had no room or the link was down, and a send waited. */
  readonly retries: number;
  /** Times the interface was opened anew, after it had gone. */
  readonly reopened: number;
}

export type Counters = { -readonly [Name in keyof SocketStatistics]: number };

export function newCounters(): Counters {
  return {
    received: 0,
    receivedOwn: 0,
    dropped: 0,
    unsupported: 0,
    unrequested: 0,
    filtered: 0,
    discarded: 0,
    sent: 0,
    expired: 0,
    refused: 0,
    aborted: 0,
    purged: 0,
    confirmed: 0,
    retries: 0,
    reopened: 0,
  };
}
