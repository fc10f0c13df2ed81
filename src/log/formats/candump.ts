import { formatAnyFrame, parseAnyFrame } from '../../frame/frame-text';
import { checkString, invalidValue } from '../../options/check';
import { describe } from '../../options/describe';
import { INVALID_FRAME } from '../../options/invalid';
import type { LogFormat } from '../format';
import type { LogRecord } from '../record';

const NS_PER_SECOND = 1_000_000_000n;

const LINE = /^\((\d+)\.(\d{6}|\d{9})\)[ \t]+(\S+)[ \t]+(\S+)(?:[ \t]+([RT]))?\s*$/;

/** The format of `candump -L`, which canplayer and other tools of can-utils read. */
export const CANDUMP: LogFormat = { parseLine: parseLogLine, formatRecord: formatLogLine };

/**
 * Formats a record as `candump -L` does, without a line end: `(1436509052.249713) vcan0 123#DEADBEEF`. Error frames are
 * formatted as hex (`20000004#...`).
 *
 * @param decimals 6 (microseconds, truncated; every can-utils reads it) or 9 (nanoseconds); default 6
 * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` if the time is not a bigint of 0 or more, the name is
 * empty or contains white space, or `decimals` is neither 6 nor 9
 */
export function formatLogLine(record: LogRecord, decimals: 6 | 9 = 6): string {
  const { systemNs, interfaceName, frame, direction } = record;
  checkTime(systemNs);
  checkName(interfaceName);
  checkDecimals(decimals);
  const seconds = (systemNs / NS_PER_SECOND).toString().padStart(10, '0');
  const fraction = (systemNs % NS_PER_SECOND).toString().padStart(9, '0').slice(0, decimals);
  const suffix = direction === undefined ? '' : direction === 'rx' ? ' R' : ' T';
  return `(${seconds}.${fraction}) ${interfaceName} ${formatAnyFrame(frame)}${suffix}`;
}

/**
 * Parses a line of a candump log, with 6 or 9 decimals, with or without the R or T of `candump -x`, and with or without
 * a line end. It also parses error frames.
 *
 * @returns undefined for a line that does not begin with `(`: a comment or an empty line, which canplayer skips too
 * @throws {RangeError} `ERR_SOCKETCAN_INVALID_FRAME` with the text and the broken rule
 * @throws {TypeError} `ERR_SOCKETCAN_INVALID_FRAME` if the argument is not a string
 */
export function parseLogLine(line: string): LogRecord | undefined {
  checkString('The line of a candump log', line, INVALID_FRAME);
  if (!line.startsWith('(')) return undefined;
  const [, seconds, fraction, interfaceName, text, direction] = LINE.exec(line) ?? [];
  if (seconds === undefined || fraction === undefined || interfaceName === undefined || text === undefined) {
    throw INVALID_FRAME.range(
      `${describe(line)} is not a line of a candump log: it must contain (seconds.decimals) with 6 or 9 decimals, ` +
        'the interface, the frame, and optionally R or T',
    );
  }
  const systemNs = BigInt(seconds) * NS_PER_SECOND + BigInt(fraction.padEnd(9, '0'));
  const record = { systemNs, interfaceName, frame: parseAnyFrame(text) };
  return direction === undefined ? record : { ...record, direction: direction === 'R' ? 'rx' : 'tx' };
}

function checkTime(value: unknown): void {
  if (typeof value === 'bigint' && value >= 0n) return;
  throw invalidValue('The time systemNs', 'a bigint of 0 or more', value, typeof value === 'bigint', INVALID_FRAME);
}

function checkName(value: unknown): void {
  if (typeof value === 'string' && /^\S+$/.test(value)) return;
  const rule = 'a string of at least 1 character without white space';
  throw invalidValue('The interface name', rule, value, typeof value === 'string', INVALID_FRAME);
}

/** Throws unless the value is 6 or 9. */
export function checkDecimals(value: unknown): void {
  if (value === 6 || value === 9) return;
  throw invalidValue('The number of decimals', '6 or 9', value, typeof value === 'number', INVALID_FRAME);
}
