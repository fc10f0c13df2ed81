import { FrameFormat, type CANFilter } from '../../index';
import { describe } from '../../options/describe';
import { UsageError } from '../main/failures';

/* Flags in the numbers of a candump filter, as in linux/can.h. */
const EXTENDED = 0x80000000;
const REMOTE = 0x40000000;
const INVERTED = 0x20000000;

/**
 * Reads a filter in candump's syntax: `123:7FF` passes the identifiers that equal 123 in the bits of the mask 7FF,
 * `123~7FF` all others. 8 digits before the sign make an extended identifier. In both numbers 80000000 is the flag of
 * extended frames and 40000000 the flag of remote frames; if the mask lacks a flag, both kinds pass.
 *
 * @throws {UsageError}
 */
export function parseFilter(text: string): CANFilter {
  const match = /^(?:0x)?([0-9a-f]{1,8})([:~])(?:0x)?([0-9a-f]{1,8})$/i.exec(text);
  if (match === null) {
    throw new UsageError(
      `A filter must be IDENTIFIER:MASK or IDENTIFIER~MASK in hex, #ERRORMASK, or j; found ${describe(text)}`,
    );
  }
  const [, digits = '', sign, maskDigits = ''] = match;
  // candump counts a leading 0x as two of the eight digits.
  const extended = text.search(/[:~]/) === 8 ? EXTENDED : 0;
  const id = (Number.parseInt(digits, 16) | extended) >>> 0;
  const mask = Number.parseInt(maskDigits, 16);
  const format = has(mask, EXTENDED) ? formatOf(id) : undefined;
  const bits = 2 ** (format ?? FrameFormat.Extended) - 1;
  return {
    identifier: id & bits,
    mask: mask & bits,
    ...(format === undefined ? {} : { format }),
    remote: has(mask, REMOTE) ? has(id, REMOTE) : 'any',
    inverted: sign === '~' || has(id, INVERTED),
  };
}

function has(value: number, flag: number): boolean {
  return (value & flag) !== 0;
}

function formatOf(id: number): FrameFormat {
  return has(id, EXTENDED) ? FrameFormat.Extended : FrameFormat.Base;
}
