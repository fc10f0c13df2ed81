import type { DataFrame } from '../frame/data-frame';
import type { FilterConfiguration } from '../frame/filter-configuration';
import type { Timestamp } from '../timestamp';

/** A data frame with its loopback flag. */
export interface Envelope {
  /** The frame to send, or the received frame. */
  readonly frame: DataFrame;
  /**
   * For a frame to send: the handler receives the frame once it was transmitted. For a received frame: this media
   * sent it with `loopback: true`.
   */
  readonly loopback: boolean;
}

/** A received data frame with its timestamp. */
export interface ReceivedEnvelope extends Envelope {
  /** When the frame was received. */
  readonly timestamp: Timestamp;
}

/** Receives the frames that arrived together, oldest first. The array is never empty. */
export type ReceivedFramesHandler = (frames: readonly ReceivedEnvelope[]) => void;

/** Errors of the bus and of the controller that a media reports. */
export const MediaError = {
  /** The controller could not transmit in time. It may not be connected. */
  TxTimeout: 'tx-timeout',
  /** The controller left the bus after too many errors. */
  BusOff: 'bus-off',
  /** The controller's receive buffer overflowed. */
  RxOverflow: 'rx-overflow',
  /** The controller's transmit buffer overflowed. */
  TxOverflow: 'tx-overflow',
  /** The receive error counter reached the warning level (96). */
  RxWarning: 'rx-warning',
  /** The transmit error counter reached the warning level (96). */
  TxWarning: 'tx-warning',
  /** The receive error counter reached the error-passive level (128). */
  RxPassive: 'rx-passive',
  /** The transmit error counter reached the error-passive level (128). */
  TxPassive: 'tx-passive',
} as const;
/** One of the errors of {@link MediaError}. */
export type MediaError = (typeof MediaError)[keyof typeof MediaError];

/** Receives each bus error, after the frames that were received before it. */
export type ErrorHandler = (timestamp: Timestamp, error: MediaError) => void;

/**
 * A CAN media layer, as PyUAVCAN defines it: the access of a Cyphal transport to one CAN interface of any kind. It
 * carries data frames only.
 */
export interface Media {
  /** The name of the interface. */
  readonly interfaceName: string;
  /** Maximum transmission unit, in bytes of payload per frame: 8 is classic CAN, more is CAN FD. */
  readonly mtu: number;
  /** Number of acceptance filters that work without load on the host. */
  readonly numberOfAcceptanceFilters: number;

  /**
   * Starts to receive. Call it once.
   *
   * @param noAutomaticRetransmission true: the controller does not repeat a frame that was not acknowledged, if the
   * media supports that
   */
  start(handler: ReceivedFramesHandler, noAutomaticRetransmission: boolean, errorHandler?: ErrorHandler): void;

  /** Receives only frames that match one of these filters; with an empty set, no frames. */
  configureAcceptanceFilters(configuration: Iterable<FilterConfiguration>): void;

  /**
   * Sends frames in the given order, until the deadline.
   *
   * @param monotonicDeadlineNs on the clock of process.hrtime.bigint(), in ns
   * @returns the number of frames that the system accepted before the deadline
   */
  send(frames: Iterable<Envelope>, monotonicDeadlineNs: bigint): Promise<number>;

  /** Closes the media at once. Resolves when all resources are free. A second call is not an error. */
  close(): Promise<void>;
}
