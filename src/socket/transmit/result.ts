import type { Timestamp } from '../timestamp';

/** What became of the frames of one call; sent + expired + refused + purged is how many there were. */
export interface SendResult {
  /** Handed to the kernel, in order, from the first on. */
  readonly sent: number;
  /** Not handed over when the deadline came. */
  readonly expired: number;
  /** The frame that was refused for good, and those after it. The call is rejected then; 0 otherwise. */
  readonly refused: number;
  /** Not handed over when {@link CANSocket.purge} was called. */
  readonly purged: number;
  /** Of those sent, how many have come back: confirmed by the controller, see `confirmation`. */
  readonly confirmed: number;
  /** With `confirm`: when each frame that was sent has come back; undefined: not by the deadline, or never. */
  readonly confirmations?: readonly (Timestamp | undefined)[];
  /**
   * With `confirm`: what a confirmation says. 'bus': the controller has sent the frame. 'queued': the
   * driver gives no echoes of its own (no IFF_ECHO), and the kernel's come when the frame is queued.
   */
  readonly confirmation?: Confirmation;
}

/** What it says that a frame has come back: see {@link CANSocket.confirmation}. */
export type Confirmation = 'bus' | 'queued';
