import type { Memory } from '../libc/memory';
import type { Link } from '../netlink/link';
import type { Confirmation } from '../send-result';

/** Frames laid out for sendmmsg(2). */
export interface OutgoingBatch {
  /** The mmsghdrs, each with one frame. */
  readonly headers: Memory;
  /** The frames one after another, 72 bytes apart. */
  readonly frames: Memory;
  /** Bytes of a frame: 16 or 72. */
  size(index: number): number;
  /** The length field of a frame: its bytes of data. */
  length(index: number): number;
}

/**
 * What a CAN interface's name opens to: a descriptor, from which everything is received and to which
 * everything is sent, and the few things that are not reading or writing. All else in this library
 * knows no difference between kinds of interfaces.
 *
 * Every method throws a SystemError when the system refuses.
 */
export interface Endpoint {
  readonly fd: number;
  readonly interfaceName: string;
  /** The kernel's number of the interface, above 0; a new interface of the same name has another. */
  readonly index: number;
  /** Monotonic ns before which the descriptor did not exist. */
  readonly openedNs: bigint;
  /** Whether the interface was up when it was opened. */
  readonly up: boolean;
  /** Receive buffer as granted, in bytes of kernel memory (768 a frame, measured). */
  readonly receiveBufferSize: number;
  /** Times of reception as they are had: 'hardware' needs a controller that stamps frames. */
  readonly timestamps: 'software' | 'hardware';
  /** What the interface is now, asked of the system. */
  link(): Link;
  /** The interface's MTU in bytes as it is now: 16 classic, 72 CAN FD. Undefined when it cannot be told. */
  mtu(): number | undefined;
  /** Replaces the acceptance filters: an array of struct can_filter. None: no data frame is accepted. */
  setFilters(filters: Uint8Array): void;
  /** Which classes of error frames are received, as a mask of linux/can/error.h; 0: none. */
  setErrorMask(mask: number): void;
  /** Whether frames sent through this descriptor come back, marked MSG_CONFIRM. */
  setReceiveOwn(on: boolean): void;
  /** What it says that a frame has come back: 'bus' where the driver returns it after it was sent. */
  confirmation(): Confirmation;
  /**
   * Sends the first `count` frames of a batch without waiting. Returns how many were taken, or, when
   * the first was refused, a negative error number, as sendmmsg(2) does.
   */
  send(batch: OutgoingBatch, count: number): number;
  /**
   * Packets the kernel has dropped at this socket for want of room, modulo 2**32, right at any time.
   * Undefined where the system cannot tell.
   */
  drops(): number | undefined;
  close(): void;
}

export interface EndpointOptions {
  /** Whether CAN FD frames are received and may be sent. */
  readonly fd: boolean;
  /** Whether sent frames reach other sockets of this host. */
  readonly loopback: boolean;
  /** Whether a frame must match all filters rather than any. */
  readonly joinFilters: boolean;
  /** The acceptance filters from the start, as for setFilters(); undefined: everything is accepted. */
  readonly filters: Uint8Array | undefined;
  readonly errorMask: number;
  readonly receiveOwn: boolean;
  /** Times of reception to ask for. */
  readonly timestamps: 'software' | 'hardware';
  /** Send buffer to ask for, in bytes; 'queue': by the interface's transmit queue; undefined: as it is. */
  readonly sendBufferSize: number | 'queue' | undefined;
  /** Receive buffer to ask for, in bytes. */
  readonly receiveBufferSize: number;
}
