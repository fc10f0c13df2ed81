import type { DataFrame } from '../frame/data-frame';
import type { FilterConfiguration } from '../frame/filter-configuration';
import type { Timestamp } from '../timestamp';

/** A data frame, and whether it is about loopback. */
export interface Envelope {
  /** What is sent, or was received. */
  readonly frame: DataFrame;
  /**
   * Of a frame to be sent: whether it is to come back to the handler when it has been sent. Of a
   * received frame: whether it is one that was sent through this media with that wish.
   */
  readonly loopback: boolean;
}

/** A received data frame, with its time. */
export interface ReceivedEnvelope extends Envelope {
  /** When it was received. */
  readonly timestamp: Timestamp;
}

/** Called with the frames that arrived together, in the order of arrival; never with none. */
export type ReceivedFramesHandler = (frames: readonly ReceivedEnvelope[]) => void;

/** The errors of the bus and of its controller that a media reports. */
export const MediaError = {
  /** The controller could not send in time; it may not be connected. */
  TxTimeout: 'tx-timeout',
  /** The controller has left the bus after too many errors. */
  BusOff: 'bus-off',
  /** The controller's receive buffer has overflowed. */
  RxOverflow: 'rx-overflow',
  /** The controller's transmit buffer has overflowed. */
  TxOverflow: 'tx-overflow',
  /** The receive error counter has reached the warning level (96). */
  RxWarning: 'rx-warning',
  /** The transmit error counter has reached the warning level (96). */
  TxWarning: 'tx-warning',
  /** The receive error counter has reached the error-passive level (128). */
  RxPassive: 'rx-passive',
  /** The transmit error counter has reached the error-passive level (128). */
  TxPassive: 'tx-passive',
} as const;
/** One of the errors of {@link MediaError}. */
export type MediaError = (typeof MediaError)[keyof typeof MediaError];

/** Called once for each error, after the frames that were received before it. */
export type ErrorHandler = (timestamp: Timestamp, error: MediaError) => void;

/**
 * A CAN media layer, as PyUAVCAN defines it: what a Cyphal transport needs of one CAN interface,
 * whatever is underneath. Only data frames exist at this level.
 */
export interface Media {
  /** The interface it is on. */
  readonly interfaceName: string;
  /** Maximum transmission unit, bytes of payload in a frame: 8 is classic CAN, more is CAN FD. */
  readonly mtu: number;
  /** Acceptance filters that work without the host's help. */
  readonly numberOfAcceptanceFilters: number;

  /**
   * Begins to receive. To be called once.
   *
   * @param noAutomaticRetransmission a frame that was not acknowledged is not to be sent again by
   * the controller, if the media can arrange that
   */
  start(handler: ReceivedFramesHandler, noAutomaticRetransmission: boolean, errorHandler?: ErrorHandler): void;

  /** Receive only what one of these filters accepts; of an empty set, nothing. */
  configureAcceptanceFilters(configuration: Iterable<FilterConfiguration>): void;

  /**
   * Sends in the order given, until the deadline.
   *
   * @param monotonicDeadlineNs on the clock of process.hrtime.bigint(), in ns
   * @returns how many frames were handed to the system before the deadline
   */
  send(frames: Iterable<Envelope>, monotonicDeadlineNs: bigint): Promise<number>;

  /** Closed at once for the caller; resolves when all resources are free. Again is no error. */
  close(): Promise<void>;
}
