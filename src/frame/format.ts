import { checkBits, invalidValue } from '../options/check';
import type { Invalid } from '../options/invalid';

/**
 * The two identifier formats of ISO 11898-1. As in pycyphal, the value is the number of identifier bits:
 * `Base` has 11 (0 to 0x7FF), `Extended` has 29 (0 to 0x1FFFFFFF).
 */
export const FrameFormat = {
  /** CAN base format: 11 bits, 0 to 0x7FF. */
  Base: 11,
  /** CAN extended format: 29 bits, 0 to 0x1FFFFFFF. */
  Extended: 29,
} as const;
/** One of the two formats: 11 or 29. */
export type FrameFormat = (typeof FrameFormat)[keyof typeof FrameFormat];

/** Highest identifier of a base frame: CAN_SFF_MASK of linux/can.h. */
export const BASE_IDENTIFIER_MASK = 0x7ff;
/** Highest identifier of an extended frame: CAN_EFF_MASK of linux/can.h. */
export const EXTENDED_IDENTIFIER_MASK = 0x1fffffff;

/** Returns the identifier mask of a format, which equals its highest identifier. */
export function identifierMask(format: FrameFormat): number {
  return format === FrameFormat.Base ? BASE_IDENTIFIER_MASK : EXTENDED_IDENTIFIER_MASK;
}

/** Throws unless the value is one of the two formats. */
export function checkFormat(value: unknown, invalid: Invalid): void {
  if (value === FrameFormat.Base || value === FrameFormat.Extended) return;
  const rule = 'FrameFormat.Base (11) or FrameFormat.Extended (29)';
  throw invalidValue('The format', rule, value, typeof value === 'number', invalid);
}

/** Throws unless the format is valid and the identifier is an integer from 0 to the highest of that format. */
export function checkIdentifier(format: FrameFormat, identifier: unknown, invalid: Invalid): void {
  checkFormat(format, invalid);
  checkBits('The identifier', identifier, identifierMask(format), invalid);
}
