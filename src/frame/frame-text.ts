import { describe } from '../options/describe';
import { CAN_ERR_FLAG, CANFD_BRS, CANFD_ESI } from './constants';
import { DataFrame } from './data-frame';
import { CANFD_MAX_LENGTH, CAN_MAX_LENGTH } from './dlc';
import { ERROR_FRAME_LENGTH, ErrorFrame } from './error-frame';
import { BASE_IDENTIFIER_MASK, EXTENDED_IDENTIFIER_MASK, FrameFormat } from './format';
import type { Frame } from './frame';
import { hexBytes, hexNumber } from './hex';
import { INVALID_FRAME } from '../options/invalid';
import { RemoteFrame } from './remote-frame';

/** The rule that a text breaks, quoted with the text. */
function broken(text: string, rule: string): RangeError {
  return INVALID_FRAME.range(`${describe(text)} is not a CAN frame: ${rule}`);
}

/** The bytes of hex digits, with `.` allowed before, between and after bytes as can-utils allows it. */
function parseData(text: string, digits: string, most: number): Uint8Array {
  if (!/^(?:\.?[0-9a-f]{2})*\.?$/i.test(digits)) {
    throw broken(text, 'the data must be pairs of hex digits, one a byte, with nothing but . between');
  }
  const pairs = digits.match(/[0-9a-f]{2}/gi) ?? [];
  if (pairs.length > most) {
    throw broken(text, `at most ${most} bytes of data go there; found ${pairs.length}`);
  }
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

function parseRemote(text: string, format: FrameFormat, identifier: number, rest: string): Frame {
  // R, R0 to R8; after R8 a raw data length code 9 to F may follow.
  const match = /^R(?:([0-7])|(8)(?:_[9a-f])?)?$/i.exec(rest);
  if (match === null) {
    throw broken(text, 'after R there may be a length, 0 to 8, and after R8 a _ with a digit 9 to F');
  }
  return new RemoteFrame(format, identifier, Number(match[1] ?? match[2] ?? 0));
}

function parseFD(text: string, format: FrameFormat, identifier: number, rest: string): Frame {
  const flags = Number.parseInt(rest.charAt(0), 16);
  if (Number.isNaN(flags)) throw broken(text, 'after ## there must be one hex digit of flags');
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
    throw broken(text, 'only after 8 bytes there may be a _ with a raw data length code, 9 to F');
  }
  return new DataFrame(format, identifier, data);
}

/**
 * Reads any frame candump writes, error frames too: those have 8 digits with CAN_ERR_FLAG in them.
 *
 * @internal
 */
export function parseAnyFrame(text: string): Frame {
  const separator = text.indexOf('#');
  if (separator < 0) throw broken(text, 'there must be a # after the identifier');
  const digits = text.slice(0, separator);
  if (!/^(?:[0-9a-f]{3}|[0-9a-f]{8})$/i.test(digits)) {
    throw broken(text, 'the identifier must have 3 hex digits (11 bits) or 8 (29 bits)');
  }
  const identifier = Number.parseInt(digits, 16);
  const format = digits.length === 3 ? FrameFormat.Base : FrameFormat.Extended;
  const rest = text.slice(separator + 1);

  if (format === FrameFormat.Base && identifier > BASE_IDENTIFIER_MASK) {
    throw broken(text, 'an identifier of 3 digits must not be above 7FF');
  }
  if (identifier > EXTENDED_IDENTIFIER_MASK) {
    const classMask = identifier - CAN_ERR_FLAG;
    if (classMask > EXTENDED_IDENTIFIER_MASK) {
      throw broken(text, 'an identifier of 8 digits must not be above 1FFFFFFF');
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
 * Any frame as candump writes it; other than toString() this gives error frames as hex too.
 *
 * @internal
 */
export function candumpText(frame: Frame): string {
  if (!(frame instanceof ErrorFrame)) return frame.toString();
  const { classMask, data } = frame.raw;
  return `${hexNumber(CAN_ERR_FLAG + classMask, 8)}#${hexBytes(data)}`;
}

/**
 * Reads a frame in the text format of can-utils (lib.h), the inverse of the frames' toString():
 *
 * - `123#DEADBEEF`: identifier in 3 hex digits (base) or 8 (extended), then up to 8 bytes, which may
 *   be parted by `.`; a `_` and a raw data length code 9..F after 8 bytes is read and forgotten;
 * - `123##1AABB`: CAN FD, a digit of flags (BRS 1, ESI 2; 4 is FDF and 8 has no meaning: candump
 *   prints what the driver set, so both are ignored), then the bytes;
 * - `123#R`, `123#R4`: a remote frame, with its length, 0 if not given.
 *
 * Hex digits and R may be in lower case. Stricter than can-utils, which ignores what it does not
 * understand at the end and pads odd CAN FD lengths: here both are errors.
 *
 * @throws RangeError `ERR_SOCKETCAN_INVALID_FRAME` with the text and the broken rule, for error
 * frames too (20000004#...); TypeError of the same code if it is no string.
 */
export function parseFrame(text: string): DataFrame | RemoteFrame {
  checkText(text);
  const frame = parseAnyFrame(text);
  if (frame instanceof ErrorFrame) {
    throw broken(text, 'it is an error frame; an identifier of 8 digits must not be above 1FFFFFFF');
  }
  return frame;
}

/** Throws unless the value is a string. */
export function checkText(value: unknown): void {
  if (typeof value === 'string') return;
  throw INVALID_FRAME.type(`The text of a CAN frame must be a string; found ${describe(value)}`);
}
