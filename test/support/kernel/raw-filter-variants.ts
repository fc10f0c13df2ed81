import { FrameFormat, type CANFilter } from '../../../src';

const { Base, Extended } = FrameFormat;
const EFF = 0x80000000;
const RTR = 0x40000000;
const SFF_MASK = 0x7ff;
const EFF_MASK = 0x1fffffff;

/** The identifier of all filters and frames below. */
export const ID = 0x123;

/** The four frames: base, base remote, extended, extended remote, by the flags in their can_id. */
export const FRAME_FLAGS: readonly number[] = [0, RTR, EFF, EFF + RTR];

/** A variant of the kernel's selftest: a filter, and the flags of the frames that pass it. */
export interface RawFilterVariant {
  readonly name: string;
  readonly id: number;
  readonly mask: number;
  readonly passing: readonly number[];
  /**
   * The CANFilter equal to this struct can_filter. Undefined if no CANFilter is equal: the id has a flag that is not in
   * the mask and thus has no meaning, or a base filter has a mask of 29 bits.
   */
  readonly filter: CANFilter | undefined;
}

type Row = readonly [name: string, idFlags: number, mask: number, passing: readonly number[], filter?: CANFilter];

const bits = { identifier: ID, mask: SFF_MASK };
const ALL = FRAME_FLAGS;

const ROWS: readonly Row[] = [
  ['base', 0, SFF_MASK, ALL, { ...bits, remote: 'any' }],
  ['base_eff', EFF, SFF_MASK, ALL],
  ['base_rtr', RTR, SFF_MASK, ALL],
  ['base_effrtr', EFF + RTR, SFF_MASK, ALL],
  ['filter_eff', 0, SFF_MASK + EFF, [0, RTR], { ...bits, format: Base, remote: 'any' }],
  ['filter_eff_eff', EFF, SFF_MASK + EFF, [EFF, EFF + RTR], { ...bits, format: Extended, remote: 'any' }],
  ['filter_eff_rtr', RTR, SFF_MASK + EFF, [0, RTR]],
  ['filter_eff_effrtr', EFF + RTR, SFF_MASK + EFF, [EFF, EFF + RTR]],
  ['filter_rtr', 0, SFF_MASK + RTR, [0, EFF], bits],
  ['filter_rtr_eff', EFF, SFF_MASK + RTR, [0, EFF]],
  ['filter_rtr_rtr', RTR, SFF_MASK + RTR, [RTR, EFF + RTR], { ...bits, remote: true }],
  ['filter_rtr_effrtr', EFF + RTR, SFF_MASK + RTR, [RTR, EFF + RTR]],
  ['filter_effrtr', 0, SFF_MASK + EFF + RTR, [0], { ...bits, format: Base }],
  ['filter_effrtr_eff', EFF, SFF_MASK + EFF + RTR, [EFF], { ...bits, format: Extended }],
  ['filter_effrtr_rtr', RTR, SFF_MASK + EFF + RTR, [RTR], { ...bits, format: Base, remote: true }],
  ['filter_effrtr_effrtr', EFF + RTR, SFF_MASK + EFF + RTR, [EFF + RTR], { ...bits, format: Extended, remote: true }],
  ['eff', 0, EFF_MASK + EFF + RTR, [0]],
  ['eff_eff', EFF, EFF_MASK + EFF + RTR, [EFF], { ...bits, mask: EFF_MASK, format: Extended }],
];

/**
 * The 18 variants of the Linux kernel's selftest test_raw_filter (tools/testing/selftests/net/can),
 * under the names they have there.
 */
export const RAW_FILTER_VARIANTS: readonly RawFilterVariant[] = ROWS.map(([name, idFlags, mask, passing, filter]) => ({
  name,
  id: ID + idFlags,
  mask,
  passing,
  filter,
}));
