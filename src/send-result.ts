import type { Timestamp } from './timestamp';

/** The result of one send. The sum of sent, expired, refused and purged is the number of its frames. */
export interface SendResult {
  /** Frames that the kernel accepted, from the first one on. */
  readonly sent: number;
  /** Frames that were not sent before the deadline. */
  readonly expired: number;
  /** The frame that the kernel refused permanently, and those after it. Above 0 only in errors. */
  readonly refused: number;
  /** Frames that {@link CANSocket.purge} dropped. */
  readonly purged: number;
  /** Sent frames whose echo has arrived. `confirmation` has the meaning of an echo. */
  readonly confirmed: number;
  /** With `confirm`: when the echo of each sent frame arrived; undefined: not before the deadline. */
  readonly confirmations?: readonly (Timestamp | undefined)[];
  /**
   * With `confirm`: the meaning of a confirmation. 'bus': the controller transmitted the frame. 'queued': the driver
   * gives no echoes (no IFF_ECHO), and the kernel confirms a frame when it queues it.
   */
  readonly confirmation?: Confirmation;
}

/** The meaning of a confirmation, see {@link CANSocket.confirmation}. */
export type Confirmation = 'bus' | 'queued';
