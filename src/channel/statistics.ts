/** The counters of every socket since it was opened, in frames. */
export interface ChannelStatistics {
  /** Frames from other sockets and nodes that passed the filters, including error frames. */
  readonly received: number;
  /** Frames that the kernel dropped because the receive buffer was full; the kernel's own count. */
  readonly dropped: number;
  /** Frames received without a 'frames' listener, or for a `for await` loop whose queue was full. */
  readonly discarded: number;
  /** Frames that the kernel accepted. */
  readonly sent: number;
  /** Frames that were not sent before their deadline. */
  readonly expired: number;
  /**
   * Frames that the kernel refused permanently, those after them in the same call, and those that still waited
   * when the socket was closed.
   */
  readonly refused: number;
  /** Frames that were not sent before their AbortSignal was aborted. */
  readonly aborted: number;
  /** Frames that {@link CANSocket.purge} dropped. */
  readonly purged: number;
  /** How often a send had to wait, because the kernel had no room or the link was down. */
  readonly retries: number;
  /** How often the interface was opened again after it was removed. */
  readonly reopened: number;
}

/** The counters that a transmit queue increments. */
export type TransmitCounters = {
  -readonly [Name in 'sent' | 'expired' | 'refused' | 'aborted' | 'purged' | 'retries']: ChannelStatistics[Name];
};
