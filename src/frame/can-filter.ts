import { CAN_EFF_FLAG, CAN_ERR_FLAG, CAN_INV_FILTER, CAN_RTR_FLAG } from './constants';
import { BASE_IDENTIFIER_MASK, EXTENDED_IDENTIFIER_MASK, FrameFormat } from './format';

/**
 * An acceptance filter of a socket, with everything that CAN_RAW_FILTER can express (linux/can.h, struct can_filter).
 * It passes the frames whose identifier equals the filter's in every bit that is 1 in the mask. A FilterConfiguration
 * is a CANFilter for data frames. Filters do not apply to error frames; the error mask selects those.
 */
export interface CANFilter {
  /** 0 to 0x7FF (base) or 0x1FFFFFFF. Bits outside the mask do not matter. */
  readonly identifier: number;
  /** The bits to compare, same range. It covers the identifier only, not the kernel's flags. */
  readonly mask: number;
  /** The only format that passes. Default: both. */
  readonly format?: FrameFormat | undefined;
  /** Data frames only (false, the default), remote frames only (true), or both ('any'). */
  readonly remote?: boolean | 'any';
  /**
   * Passes exactly the frames that the filter otherwise rejects (CAN_INV_FILTER). This inverts the whole test: an
   * inverted filter for data frames of one format also passes all remote frames, and all frames of the other format.
   * To reject those, join it (`joinFilters`) with a filter that does.
   */
  readonly inverted?: boolean;
}

/** struct can_filter of linux/can.h, 8 bytes. It passes a frame if both can_id are equal in the bits of the mask. */
export interface KernelFilter {
  /** Unsigned, 32 bits. */
  readonly can_id: number;
  /** Unsigned, 32 bits. */
  readonly can_mask: number;
}

/**
 * Converts a filter to the kernel's struct. The mask contains the EFF flag if the filter has a format, and the RTR flag
 * unless the filter is for data and remote frames. Without these flags, the kernel would pass remote frames, and a base
 * filter would pass extended frames.
 *
 * The mask of pycyphal lacks the RTR flag. This difference is intended.
 */
export function toKernelFilter(filter: CANFilter): KernelFilter {
  const { identifier, mask, format, remote = false, inverted = false } = filter;
  const idFlags =
    (format === FrameFormat.Extended ? CAN_EFF_FLAG : 0) |
    (remote === true ? CAN_RTR_FLAG : 0) |
    (inverted ? CAN_INV_FILTER : 0);
  const maskFlags = (format === undefined ? 0 : CAN_EFF_FLAG) | (remote === 'any' ? 0 : CAN_RTR_FLAG);
  return { can_id: (identifier | idFlags) >>> 0, can_mask: (mask | maskFlags) >>> 0 };
}

/**
 * Tests whether a frame passes one filter of the kernel, by the kernel's rules (net/can/af_can.c, Linux 6.1). A socket
 * receives a frame that passes any of its filters, or all of them if they are joined; this is up to the caller.
 */
export function passesKernelFilter(canId: number, filterId: number, mask: number): boolean {
  const isError = (canId & CAN_ERR_FLAG) !== 0;
  // With this flag in its mask, a filter selects error frames by class.
  if ((mask & CAN_ERR_FLAG) !== 0) return isError && sharesErrorClass(canId, mask);
  if (isError) return false;
  // A filter for base frames compares only the bits of base identifiers.
  const base = (mask & CAN_EFF_FLAG) !== 0 && (filterId & CAN_EFF_FLAG) === 0;
  const compared = base ? mask & (BASE_IDENTIFIER_MASK | CAN_EFF_FLAG | CAN_RTR_FLAG) : mask;
  const inverted = (filterId & CAN_INV_FILTER) !== 0;
  return (((canId ^ filterId) & compared) === 0) !== inverted;
}

/** Tests whether an error frame has one of the classes in the mask (linux/can/error.h). */
export function sharesErrorClass(canId: number, mask: number): boolean {
  return (canId & mask & EXTENDED_IDENTIFIER_MASK) !== 0;
}
