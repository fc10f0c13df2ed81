/**
 * Checks that stand before every system call. koffi turns NaN, 2**40 and fractions silently into
 * some int, and descriptor 0 is the terminal: nothing unchecked may reach it.
 */

/** @throws {TypeError} when it is no number @throws {RangeError} when it is no integer of [min, max] */
export function integer(value: number, name: string, min = -0x8000_0000, max = 0x7fff_ffff): number {
  if (typeof value !== 'number') {
    throw new TypeError(`${name} must be a number, not ${typeof value}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer of [${min}, ${max}], not ${value}`);
  }
  return value;
}

/** A file descriptor: a non-negative int. */
export function descriptor(fd: number): number {
  return integer(fd, 'The file descriptor', 0);
}

/** A count of bytes or elements that must lie inside the memory handed over with it. */
export function within(length: number, limit: number, name: string): number {
  return integer(length, name, 0, limit);
}
