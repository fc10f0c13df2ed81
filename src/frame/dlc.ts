import { checkInteger } from '../options/check';
import { describe } from '../options/describe';
import { INVALID_FRAME } from '../options/invalid';

/** Maximum number of data bytes of a classic frame (CAN_MAX_DLEN of linux/can.h). */
export const CAN_MAX_LENGTH = 8;
/** Maximum number of data bytes of a CAN FD frame (CANFD_MAX_DLEN of linux/can.h). */
export const CANFD_MAX_LENGTH = 64;

/** Number of data bytes by data length code, 0 to 15 (ISO 11898-1). */
const LENGTHS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** Entry of {@link DLC_BY_LENGTH} for a length without a data length code. */
export const NO_DLC = 0xff;

/** Data length code by number of bytes. It has 256 entries, one for each value of the kernel's length byte. */
export const DLC_BY_LENGTH: Uint8Array = new Uint8Array(256).fill(NO_DLC);
LENGTHS.forEach((length, dlc) => (DLC_BY_LENGTH[length] = dlc));

/** Tests for a length with a data length code: 0 to 8, 12, 16, 20, 24, 32, 48 or 64. */
export function isValidLength(length: number): boolean {
  return (DLC_BY_LENGTH[length] ?? NO_DLC) !== NO_DLC;
}

/** Returns the number of data bytes (0 to 64) of a data length code (0 to 15) in CAN FD. */
export function dlcToLength(dlc: number): number {
  checkInteger('The data length code', dlc, 0, LENGTHS.length - 1, INVALID_FRAME);
  return LENGTHS[dlc] as number;
}

/** Returns the data length code (0 to 15) of a valid length. */
export function lengthToDLC(length: number): number {
  checkInteger('The data length', length, 0, CANFD_MAX_LENGTH, INVALID_FRAME);
  if (!isValidLength(length)) throw unsupportedLength(length);
  return DLC_BY_LENGTH[length] as number;
}

/** Returns the number of bytes (0 to 15) to add to a length (0 to 64) to reach the next valid one. */
export function requiredPadding(length: number): number {
  checkInteger('The data length', length, 0, CANFD_MAX_LENGTH, INVALID_FRAME);
  return (LENGTHS.find((valid) => valid >= length) as number) - length;
}

/** Creates the error for a length without a data length code. Its message says how to pad the data. */
export function unsupportedLength(length: number): RangeError {
  const padding = length < CANFD_MAX_LENGTH ? requiredPadding(length) : 0;
  const advice = padding === 0 ? '' : `; pad it by ${padding} to ${length + padding} bytes`;
  return INVALID_FRAME.range(
    `The data must have 0 to 8, 12, 16, 20, 24, 32, 48 or 64 bytes; found ${describe(length)}${advice}`,
  );
}
