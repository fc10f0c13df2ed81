import type { Endpoint, TimestampSource } from '../channel/endpoint';
import type { Memory } from '../libc/memory';
import type { Confirmation } from '../send-result';

/** Frames in memory, ready for sendmmsg(2). */
export interface OutgoingFrames {
  /** The mmsghdrs, one for each frame. */
  readonly headers: Memory;
  /** The frames, 72 bytes apart. */
  readonly frames: Memory;
  /** The size of a frame: 16 or 72 bytes. */
  size(index: number): number;
  /** The length field of a frame: its bytes of data. */
  length(index: number): number;
}

/** A CAN_RAW socket that is open on one interface. A kind of bus implements it, and the socket is the same for all. */
export interface RawEndpoint extends Endpoint<OutgoingFrames> {
  /** Replaces the acceptance filters by an array of struct can_filter. An empty array accepts no data frames. */
  setFilters(filters: Uint8Array): void;
  /** Selects the classes of error frames to receive, as a mask of linux/can/error.h. 0: no error frames. */
  setErrorMask(mask: number): void;
  /** Whether the socket receives the frames that it sends, marked MSG_CONFIRM. */
  setReceiveOwn(on: boolean): void;
  /** The meaning of an echo: 'bus' if the driver returns a frame after its transmission. */
  confirmation(): Confirmation;
}

/** The options of a CAN_RAW socket that change while it is open. They apply again when it is reopened. */
export interface RawState {
  errorMask: number;
  receiveOwn: boolean;
}

/** Everything that is set when a CAN_RAW socket is opened. */
export interface RawEndpointOptions extends Readonly<RawState> {
  /** The acceptance filters, as for setFilters(). Undefined: the kernel's default, which accepts everything. */
  readonly filters: Uint8Array | undefined;
  /** Whether it receives CAN FD frames and may send them. */
  readonly canFD: boolean;
  /** Whether other sockets of this host receive the sent frames. */
  readonly loopback: boolean;
  /** Whether a frame must match all filters instead of any. */
  readonly joinFilters: boolean;
  /** The timestamps to ask for. */
  readonly timestamps: TimestampSource;
  /** The send buffer to ask for, in bytes. 'queue': as much as the transmit queue holds. Undefined: the default. */
  readonly sendBufferSize: number | 'queue' | undefined;
  /** The receive buffer to ask for, in bytes. */
  readonly receiveBufferSize: number;
}
