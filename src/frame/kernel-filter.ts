import { CAN_EFF_FLAG, CAN_RTR_FLAG } from './constants';
import type { FilterConfiguration } from './filter';
import { FrameFormat } from './format';

/** struct can_filter of linux/can.h, 8 bytes: a frame passes if its can_id equals ours in the mask's ones. */
export interface KernelFilter {
  /** Unsigned, 32 bits. */
  readonly can_id: number;
  /** Unsigned, 32 bits. */
  readonly can_mask: number;
}

/**
 * The filter as the kernel wants it. The mask always has the RTR flag, so only data frames pass, and
 * the EFF flag if the filter has a format: a mask of identifier bits alone would pass remote frames
 * and, from a base filter, extended frames too.
 *
 * Differs on purpose from the pycyphal reference, whose mask leaves the RTR flag out.
 */
export function toKernelFilter(filter: FilterConfiguration): KernelFilter {
  const exact = filter.format === undefined ? 0 : CAN_EFF_FLAG;
  const extended = filter.format === FrameFormat.Extended ? CAN_EFF_FLAG : 0;
  return {
    can_id: (filter.identifier | extended) >>> 0,
    can_mask: (filter.mask | CAN_RTR_FLAG | exact) >>> 0,
  };
}
