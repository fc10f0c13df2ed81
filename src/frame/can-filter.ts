import type { FrameFormat } from './format';

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
