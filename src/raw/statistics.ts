import type { ChannelStatistics } from '../channel/statistics';

/** The counters of a {@link CANSocket} since it was opened, in frames. */
export interface SocketStatistics extends ChannelStatistics {
  /** Echoes of own frames that were requested and delivered. */
  readonly receivedOwn: number;
  /** Frames that were received and not delivered, because they are malformed or of an unknown kind. */
  readonly unsupported: number;
  /** Own frames that came back and were not delivered, because neither their echo nor a confirmation was requested. */
  readonly unrequested: number;
  /** Frames that the kernel accepted only because of a requested echo, and that the acceptance filters reject. */
  readonly filtered: number;
  /** Frames sent with `confirm` that have come back. */
  readonly confirmed: number;
}

/** {@link SocketStatistics} that the parts of a socket increment. */
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
