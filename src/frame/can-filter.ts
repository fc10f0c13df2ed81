import { CAN_EFF_FLAG, CAN_ERR_FLAG, CAN_INV_FILTER, CAN_RTR_FLAG } from './constants';
import { BASE_IDENTIFIER_MASK, EXTENDED_IDENTIFIER_MASK, FrameFormat } from './format';

/**
 * An acceptance filter of a socket, all that CAN_RAW_FILTER can say (linux/can.h, struct can_filter);
 * a FilterConfiguration is one, for data frames. It passes the frames whose identifier equals the
 * filter's in the bits that are ones in the mask. Error frames come by their mask, not by filters.
 */
export interface CANFilter {
  /** 0 to 0x7FF (base) or 0x1FFFFFFF; bits outside the mask do not matter. */
  readonly identifier: number;
  /** Bits that are compared; same range. It covers the identifier only, none of the kernel's flags. */
  readonly mask: number;
  /** The only format that passes; undefined: both. */
  readonly format?: FrameFormat | undefined;
  /** Data frames only (false, the default), remote frames only (true), or both ('any'). */
  readonly remote?: boolean | 'any';
  /**
   * Accepts exactly what it otherwise would not (CAN_INV_FILTER). The test is inverted as a whole:
   * an inverted filter for data frames of a format accepts all remote frames, too, and all frames of
   * the other format; to keep those out, join it (`joinFilters`) with a filter that does.
   */
  readonly inverted?: boolean;
}

/** struct can_filter of linux/can.h, 8 bytes: a frame passes if its can_id equals ours in the mask's ones. */
export interface KernelFilter {
  /** Unsigned, 32 bits. */
  readonly can_id: number;
  /** Unsigned, 32 bits. */
  readonly can_mask: number;
}

/**
 * The filter as the kernel wants it. The mask has the RTR flag unless the filter is for both data
 * and remote frames, and the EFF flag if it has a format: a mask of identifier bits alone would pass
 * remote frames and, from a base filter, extended frames too.
 *
 * Differs on purpose from the pycyphal reference, whose mask leaves the RTR flag out.
 */
export function toKernelFilter(filter: CANFilter): KernelFilter {
  const { identifier, mask, format, remote = false, inverted = false } = filter;
  const extended = format === FrameFormat.Extended ? CAN_EFF_FLAG : 0;
  const asked = remote === true ? CAN_RTR_FLAG : 0;
  const inversion = inverted ? CAN_INV_FILTER : 0;
  const exactFormat = format === undefined ? 0 : CAN_EFF_FLAG;
  const exactKind = remote === 'any' ? 0 : CAN_RTR_FLAG;
  return {
    can_id: (identifier | extended | asked | inversion) >>> 0,
    can_mask: (mask | exactFormat | exactKind) >>> 0,
  };
}

/**
 * Whether a frame passes a filter, all as the kernel has them and decides it (net/can/af_can.c,
 * Linux 6.1). Of several filters any will do, or all must if they are joined, which is for the
 * caller to see to.
 */
export function passesKernelFilter(canId: number, filterId: number, mask: number): boolean {
  const isError = (canId & CAN_ERR_FLAG) !== 0;
  // This flag in the mask makes it a filter for error frames, by their classes.
  if ((mask & CAN_ERR_FLAG) !== 0) return isError && sharesErrorClass(canId, mask);
  if (isError) return false;
  // A filter for base frames looks at the bits of base identifiers only.
  const base = (mask & CAN_EFF_FLAG) !== 0 && (filterId & CAN_EFF_FLAG) === 0;
  const compared = base ? mask & (BASE_IDENTIFIER_MASK | CAN_EFF_FLAG | CAN_RTR_FLAG) : mask;
  const inverted = (filterId & CAN_INV_FILTER) !== 0;
  return (((canId ^ filterId) & compared) === 0) !== inverted;
}

/** Whether an error frame is of one of the classes of the mask (linux/can/error.h). */
export function sharesErrorClass(canId: number, mask: number): boolean {
  return (canId & mask & EXTENDED_IDENTIFIER_MASK) !== 0;
}
