import { checkInteger } from '../options/check';
import type { Invalid } from '../options/invalid';

/*
 * Every argument of a C function passes one of these checks first. koffi converts NaN, 2**40 and fractions silently
 * to some int, and a wrong descriptor may be 0, the terminal.
 */

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;

/** The arguments of this folder come from the library itself, so their errors have no code. */
const INVALID_ARGUMENT: Invalid = {
  type: (message) => new TypeError(message),
  range: (message) => new RangeError(message),
};

/** Returns the value if it is an int from `least` to `most`. */
export function checkInt(what: string, value: number, least = INT_MIN, most = INT_MAX): number {
  return checkInteger(what, value, least, most, INVALID_ARGUMENT);
}

/** Returns the value if it can be a file descriptor: a non-negative int. */
export function checkDescriptor(fd: number): number {
  return checkInt('The file descriptor', fd, 0);
}

/** Returns a number of bytes if it fits into memory of `limit` bytes. */
export function checkLength(what: string, length: number, limit: number): number {
  return checkInt(what, length, 0, limit);
}
