import { checkString } from '../options/check';
import { describe } from '../options/describe';
import { INVALID_FRAME } from '../options/invalid';
import { CAN_ERR_FLAG, CANFD_BRS, CANFD_ESI } from './constants';
import { DataFrame } from './data-frame';
import { CANFD_MAX_LENGTH, CAN_MAX_LENGTH } from './dlc';
import { ERROR_FRAME_LENGTH, ErrorFrame } from './error-frame';
import { BASE_IDENTIFIER_MASK, EXTENDED_IDENTIFIER_MASK, FrameFormat } from './format';
import type { Frame } from './frame';
import { hexBytes, hexNumber } from '../hex';
import { RemoteFrame } from './remote-frame';

/** Creates the error for a text that breaks a rule. */
function invalidText(text: string, rule: string): RangeError {
  return INVALID_FRAME.range(`${describe(text)} is not a CAN frame: ${rule}`);
}

/** Parses the hex digits of the data. Like can-utils, it allows a `.` before, between and after bytes. */
function parseData(text: string, digits: string, maxLength: number): Uint8Array {
  if (!/^(?:\.?[0-9a-f]{2})*\.?$/i.test(digits)) {
    throw invalidText(text, 'the data must be pairs of hex digits, with nothing but a . between two pairs');
  }
  const pairs = digits.match(/[0-9a-f]{2}/gi) ?? [];
  if (pairs.length > maxLength) {
    throw invalidText(text, `it must have at most ${maxLength} bytes of data; found ${pairs.length}`);
  }
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

function parseRemote(text: string, format: FrameFormat, identifier: number, rest: string): Frame {
  // R, or R0 to R8. A raw data length code, 9 to F, may follow R8.
  const match = /^R(?:([0-7])|(8)(?:_[9a-f])?)?$/i.exec(rest);
  if (match === null) {
    throw invalidText(text, 'R may be followed by a length, 0 to 8, and R8 by _ and a digit, 9 to F');
  }
  return new RemoteFrame(format, identifier, Number(match[1] ?? match[2] ?? 0));
}

function parseFD(text: string, format: FrameFormat, identifier: number, rest: string): Frame {
  const flags = Number.parseInt(rest.charAt(0), 16);
  if (Number.isNaN(flags)) throw invalidText(text, '## must be followed by one hex digit of flags');
  const data = parseData(text, rest.slice(1), CANFD_MAX_LENGTH);
  return new DataFrame(format, identifier, data, {
    fd: true,
    brs: (flags & CANFD_BRS) !== 0,
    esi: (flags & CANFD_ESI) !== 0,
  });
}

function parseClassic(text: string, format: FrameFormat, identifier: number, rest: string): Frame {
  const match = /^([^_]*)(?:_([^]*))?$/.exec(rest);
  const data = parseData(text, match?.[1] ?? rest, CAN_MAX_LENGTH);
  const rawDLC = match?.[2];
  if (rawDLC !== undefined && (data.length !== CAN_MAX_LENGTH || !/^[9a-f]$/i.test(rawDLC))) {
    throw invalidText(text, '_ and a raw data length code, 9 to F, may only follow 8 bytes');
  }
  return new DataFrame(format, identifier, data);
}

/**
 * Parses any frame that candump writes. An error frame has an identifier of 8 digits that includes CAN_ERR_FLAG.
 *
 * @internal
 */
export function parseAnyFrame(text: string): Frame {
  const separator = text.indexOf('#');
  if (separator < 0) throw invalidText(text, 'there must be a # after the identifier');
  const digits = text.slice(0, separator);
  if (!/^(?:[0-9a-f]{3}|[0-9a-f]{8})$/i.test(digits)) {
    throw invalidText(text, 'the identifier must have 3 hex digits (11 bits) or 8 (29 bits)');
  }
  const identifier = Number.parseInt(digits, 16);
  const format = digits.length === 3 ? FrameFormat.Base : FrameFormat.Extended;
  const rest = text.slice(separator + 1);

  if (format === FrameFormat.Base && identifier > BASE_IDENTIFIER_MASK) {
    throw invalidText(text, 'an identifier of 3 digits must not be above 7FF');
  }
  if (identifier > EXTENDED_IDENTIFIER_MASK) {
    const classMask = identifier - CAN_ERR_FLAG;
    if (classMask > EXTENDED_IDENTIFIER_MASK) {
      throw invalidText(text, 'an identifier of 8 digits must not be above 1FFFFFFF');
    }
    const data = new Uint8Array(ERROR_FRAME_LENGTH);
    data.set(parseData(text, rest, ERROR_FRAME_LENGTH));
    return new ErrorFrame(classMask, data);
  }
  if (rest.startsWith('#')) return parseFD(text, format, identifier, rest.slice(1));
  if (/^r/i.test(rest)) return parseRemote(text, format, identifier, rest);
  return parseClassic(text, format, identifier, rest);
}

/**
 * Formats any frame as candump does. Unlike toString(), it formats an error frame as hex too.
 *
 * @internal
 */
export function formatAnyFrame(frame: Frame): string {
  if (!(frame instanceof ErrorFrame)) return frame.toString();
  const { classMask, data } = frame.raw;
  return `${hexNumber(CAN_ERR_FLAG + classMask, 8)}#${hexBytes(data)}`;
}

/**
 * Parses a frame in the text format of can-utils (lib.h), the inverse of a frame's toString():
 *
 * - `123#DEADBEEF`: the identifier in 3 hex digits (base) or 8 (extended), then up to 8 bytes. A `.` may separate
 *   bytes. A `_` and a raw data length code, 9 to F, may follow 8 bytes; it is ignored.
 * - `123##1AABB`: CAN FD. One digit of flags (BRS 1, ESI 2), then the bytes. Flags 4 (FDF) and 8 (unused) are ignored,
 *   because candump prints the flags that the driver set.
 * - `123#R`, `123#R4`: a remote frame with its length; default 0.
 *
 * Hex digits and R may be lower case. This function is stricter than can-utils: it rejects unknown text at the end and
 * CAN FD lengths without a data length code.
 *
 * @throws {RangeError} `ERR_SOCKETCAN_INVALID_FRAME` with the text and the broken rule, also for error frames
 * (20000004#...)
 * @throws {TypeError} `ERR_SOCKETCAN_INVALID_FRAME` if the argument is not a string
 */
export function parseFrame(text: string): DataFrame | RemoteFrame {
  const frame = parseAnyFrame(checkString('The text of a CAN frame', text, INVALID_FRAME));
  if (frame instanceof ErrorFrame) {
    throw invalidText(text, 'it is an error frame; an identifier of 8 digits must not be above 1FFFFFFF');
  }
  return frame;
}
