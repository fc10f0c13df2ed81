import * as frameConstants from '../../../src/frame/constants';
import { CANFD_MAX_LENGTH, CAN_MAX_LENGTH } from '../../../src/frame/dlc';
import { ERROR_FRAME_LENGTH } from '../../../src/frame/error-frame';
import { BASE_IDENTIFIER_MASK, EXTENDED_IDENTIFIER_MASK } from '../../../src/frame/format';
import { layouts } from '../../../src/libc/layouts';
import { controlLayout } from '../../../src/libc/cmsg';
import * as constants from '../../../src/libc/constants';
import * as errno from '../../../src/libc/errno';
import type { ABI } from '../../../src/libc/ref';
import * as testConstants from './constants';
import { CLASSES, CONTROLLER, LOCATIONS, PROTOCOL, TRANSCEIVER } from './error-header';
import { structsInC } from './structs';

/** Values by the C expressions that must have these values. */
export type Values = Readonly<Record<string, number>>;

/** Returns the sizes and alignments of C types, from which the library computes its layouts. */
export function types(abi: ABI): Values {
  return {
    'sizeof(void *)': abi.pointer,
    'sizeof(size_t)': abi.pointer,
    'sizeof(long)': abi.long,
    'offsetof(struct { char c; long long value; }, value)': abi.alignofInt64,
    'offsetof(struct { char c; __u64 value; }, value)': abi.alignofInt64,
  };
}

/** Returns the sizes and offsets of the structs. */
export function structs(abi: ABI): Values {
  return structsInC(layouts(abi));
}

/** Returns the sizes of the arrays that recvmmsg(2) and setsockopt(2) take. */
export function arrays(abi: ABI): Values {
  const { mmsghdr, iovec, can_filter } = layouts(abi);
  return {
    'sizeof(struct mmsghdr[64])': 64 * mmsghdr.size,
    'sizeof(struct iovec[64])': 64 * iovec.size,
    'sizeof(struct can_filter[512])': 512 * can_filter.size,
  };
}

/** Returns the sizes of control messages, see cmsg(3). */
export function controlMessages(abi: ABI): Values {
  const { align, len, space } = controlLayout(layouts(abi).cmsghdr);
  const sizes = [0, 1, 4, 7, 8, 9, 12, 16, 24, 47, 48, 64];
  return Object.fromEntries(
    sizes.flatMap((size) => [
      [`CMSG_ALIGN(${size})`, align(size)],
      [`CMSG_LEN(${size})`, len(size)],
      [`CMSG_SPACE(${size})`, space(size)],
    ]),
  );
}

/** Returns the sizes of timestamps. The C library's time_t may have 64 bits where the kernel's old one has 32. */
export function timeStamps(abi: ABI): Values {
  const { kernel_timespec, timespec, timeval } = layouts(abi);
  return {
    'sizeof(struct __kernel_timespec)': kernel_timespec.size,
    'sizeof(__kernel_old_time_t) + sizeof(__kernel_long_t)': timespec.size,
    'sizeof(struct __kernel_old_timeval)': timeval.size,
  };
}

/** Constants and error numbers of the library and of its tests, the same on all machines. */
export const CONSTANTS: Values = { ...constants, ...errno, ...testConstants };

const { CAN_LENGTH_OFFSET, CANFD_FLAGS_OFFSET, CAN_DATA_OFFSET, ...flagsAndSizes } = frameConstants;

/** Flags, sizes and offsets of linux/can.h for encoding and decoding frames. */
export const FRAMES: Values = {
  ...flagsAndSizes,
  CAN_SFF_MASK: BASE_IDENTIFIER_MASK,
  CAN_EFF_MASK: EXTENDED_IDENTIFIER_MASK,
  CAN_MAX_DLEN: CAN_MAX_LENGTH,
  CANFD_MAX_DLEN: CANFD_MAX_LENGTH,
  CAN_ERR_DLC: ERROR_FRAME_LENGTH,
  'offsetof(struct can_frame, len)': CAN_LENGTH_OFFSET,
  'offsetof(struct canfd_frame, len)': CAN_LENGTH_OFFSET,
  'offsetof(struct canfd_frame, flags)': CANFD_FLAGS_OFFSET,
  'offsetof(struct can_frame, data)': CAN_DATA_OFFSET,
  'offsetof(struct canfd_frame, data)': CAN_DATA_OFFSET,
};

/** Values of error frames, see linux/can/error.h. */
export const ERROR_FRAMES: Values = Object.fromEntries(
  [...CLASSES, ...CONTROLLER, ...PROTOCOL, ...LOCATIONS, ...TRANSCEIVER].map(([name, value]) => [
    `CAN_ERR_${name}`,
    value,
  ]),
);

/** Offsets of an interface's counters in IFLA_STATS64. */
export const LINK_COUNTERS: Values = Object.fromEntries(
  ['packets', 'bytes', 'errors', 'dropped'].flatMap((what, index) => [
    [`offsetof(struct rtnl_link_stats64, rx_${what})`, 16 * index],
    [`offsetof(struct rtnl_link_stats64, tx_${what})`, 16 * index + 8],
  ]),
);

/** Returns all values that the library uses on a machine. */
export function allValues(abi: ABI): Values {
  return {
    ...types(abi),
    ...structs(abi),
    ...arrays(abi),
    ...controlMessages(abi),
    ...timeStamps(abi),
    ...CONSTANTS,
    ...FRAMES,
    ...ERROR_FRAMES,
    ...LINK_COUNTERS,
  };
}
