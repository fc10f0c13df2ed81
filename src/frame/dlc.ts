import { checkInteger } from '../options/check';
import { describe } from '../options/describe';
import { INVALID_FRAME } from '../options/invalid';

/** Most data bytes of a classic frame (CAN_MAX_DLEN of linux/can.h). */
export const CAN_MAX_LENGTH = 8;
/** Most data bytes of a CAN FD frame (CANFD_MAX_DLEN of linux/can.h). */
export const CANFD_MAX_LENGTH = 64;

/** Data bytes by data length code, 0 to 15 (ISO 11898-1). */
const LENGTHS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** Stands in {@link DLC_BY_LENGTH} where no data length code means exactly that many bytes. */
export const NO_DLC = 0xff;

/** Data length code by number of bytes. 256 entries, so that any length byte of the kernel is an index. */
export const DLC_BY_LENGTH: Uint8Array = new Uint8Array(256).fill(NO_DLC);
LENGTHS.forEach((length, dlc) => (DLC_BY_LENGTH[length] = dlc));

/** True where a data length code means exactly that many bytes: 0..8, 12, 16, 20, 24, 32, 48, 64. */
export function isValidLength(length: number): boolean {
  return (DLC_BY_LENGTH[length] ?? NO_DLC) !== NO_DLC;
}

/**
 * The number of data bytes (0 to 64) that a data length code (0 to 15) stands for in a CAN FD frame.
 *
 * @throws TypeError or RangeError `ERR_SOCKETCAN_INVALID_FRAME` if the code is not an integer 0 to 15.
 */
export function dlcToLength(dlc: number): number {
  checkInteger('The data length code', dlc, 0, 15, INVALID_FRAME);
  return LENGTHS[dlc] as number;
}

/**
 * The data length code (0 to 15) of a number of data bytes.
 *
 * @throws TypeError or RangeError `ERR_SOCKETCAN_INVALID_FRAME` if there is no code for exactly that
 * many bytes: it must be one of 0..8, 12, 16, 20, 24, 32, 48, 64.
 */
export function lengthToDLC(length: number): number {
  checkInteger('The data length', length, 0, CANFD_MAX_LENGTH, INVALID_FRAME);
  if (!isValidLength(length)) throw unsupportedLength(length);
  return DLC_BY_LENGTH[length] as number;
}

/**
 * How many bytes (0 to 15) to add to data of that length (0 to 64) to reach the next length that a
 * CAN FD frame can have. Padding is the caller's business: no frame of this library grows by itself.
 *
 * @throws TypeError or RangeError `ERR_SOCKETCAN_INVALID_FRAME` if the length is not an integer 0 to 64.
 */
export function requiredPadding(length: number): number {
  checkInteger('The data length', length, 0, CANFD_MAX_LENGTH, INVALID_FRAME);
  return (LENGTHS.find((valid) => valid >= length) as number) - length;
}

/** The error for data that no data length code describes; says what to do about it. */
export function unsupportedLength(length: number): RangeError {
  const padding =
    length < CANFD_MAX_LENGTH
      ? `; pad it by ${requiredPadding(length)} to ${length + requiredPadding(length)} bytes`
      : '';
  return INVALID_FRAME.range(
    `The data must have 0 to 8, 12, 16, 20, 24, 32, 48 or 64 bytes; found ${describe(length)}${padding}`,
  );
}
