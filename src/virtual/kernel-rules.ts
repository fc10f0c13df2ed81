import { EINVAL, host } from '../libc';
import {
  CAN_ERR_FLAG,
  CAN_MAX_LENGTH,
  CAN_MTU,
  CANFD_MAX_LENGTH,
  CANFD_MTU,
  EXTENDED_IDENTIFIER_MASK,
} from '../frame';

/*
 * What the kernel does with frames between a CAN_RAW socket and a vcan (net/can/af_can.c and raw.c,
 * Linux 6.1), said again for the bus that has no kernel underneath.
 */

/** linux/can.h: the filter matches what its identifier and mask do not. */
const CAN_INV_FILTER = 0x20000000;

/** What a socket has been told to receive. */
export interface Acceptance {
  readonly fd: boolean;
  readonly joinFilters: boolean;
  /** Pairs of can_id and can_mask; undefined: everything. */
  filters: Uint32Array | undefined;
  errorMask: number;
  receiveOwn: boolean;
}

/** The u32 pairs of an array of struct can_filter, as setsockopt(2) takes it. */
export function filterWords(bytes: Uint8Array): Uint32Array {
  const whole = bytes.byteLength - (bytes.byteLength % host.can_filter.size);
  return new Uint32Array(Uint8Array.from(bytes.subarray(0, whole)).buffer);
}

/**
 * Whether the kernel takes a frame of `size` bytes with this length field from a socket: 0, or a
 * negative error number.
 */
export function sendResult(size: number, length: number, fd: boolean, mtu: number): number {
  if (size === CAN_MTU) return length <= CAN_MAX_LENGTH ? 0 : -EINVAL;
  // A length such as 9 is passed on: the kernel leaves that to the receiver.
  return size === CANFD_MTU && fd && mtu >= CANFD_MTU && length <= CANFD_MAX_LENGTH ? 0 : -EINVAL;
}

/** Whether a frame of `size` bytes reaches a socket. */
export function accepts(socket: Acceptance, canId: number, size: number, own: boolean): boolean {
  if (own && !socket.receiveOwn) return false;
  if (size === CANFD_MTU && !socket.fd) return false;
  if ((canId & CAN_ERR_FLAG) !== 0) {
    // Error frames are chosen by their classes; the filters are not about them.
    return (canId & socket.errorMask & EXTENDED_IDENTIFIER_MASK) !== 0;
  }
  const { filters } = socket;
  if (filters === undefined) return true;
  let matched = 0;
  for (let i = 0; i < filters.length; i += 2) {
    if (matches(canId, filters[i] as number, filters[i + 1] as number)) {
      if (!socket.joinFilters) return true;
      matched++;
    }
  }
  return socket.joinFilters && matched > 0 && matched === filters.length / 2;
}

function matches(canId: number, filterId: number, mask: number): boolean {
  // The flag for error frames is none of an identifier's: the kernel strips it from the mask.
  const compared = mask & ~CAN_ERR_FLAG;
  const inverted = (filterId & CAN_INV_FILTER) !== 0;
  return (((canId ^ (filterId & ~CAN_INV_FILTER)) & compared) === 0) !== inverted;
}
