import { candumpText, checkText, parseAnyFrame } from '../../frame/frame-text';
import { describe } from '../../options/describe';
import type { Frame } from '../../frame/frame';
import { INVALID_FRAME } from '../../options/invalid';

/** One line of a candump log. */
export interface LogRecord {
  /** System time (CLOCK_REALTIME) in nanoseconds since 1970, not negative. */
  readonly systemNs: bigint;
  /** Interface name: at least one character, no white space. */
  readonly interfaceName: string;
  /** A data, remote or error frame. */
  readonly frame: Frame;
  /** The R or T that `candump -x` adds: received from the bus, or sent by this host. */
  readonly direction?: 'rx' | 'tx' | undefined;
}

const NS_PER_SECOND = 1_000_000_000n;

const LINE = /^\((\d+)\.(\d{6}|\d{9})\)[ \t]+(\S+)[ \t]+(\S+)(?:[ \t]+([RT]))?\s*$/;

/**
 * The record as `candump -L` writes it, without the end of line:
 * `(1436509052.249713) vcan0 123#DEADBEEF`. Error frames are written as hex (`20000004#...`).
 *
 * @param decimals 6 (microseconds, the rest is cut off; every can-utils reads it) or 9 (nanoseconds)
 * @throws TypeError or RangeError `ERR_SOCKETCAN_INVALID_FRAME` if the time is no bigint or
 * negative, the name is empty or has white space in it, or `decimals` is neither 6 nor 9.
 */
export function formatLogLine(record: LogRecord, decimals: 6 | 9 = 6): string {
  const { systemNs, interfaceName, frame, direction } = record;
  checkTime(systemNs);
  checkName(interfaceName);
  checkDecimals(decimals);
  const seconds = (systemNs / NS_PER_SECOND).toString().padStart(10, '0');
  const fraction = (systemNs % NS_PER_SECOND).toString().padStart(9, '0').slice(0, decimals);
  const suffix = direction === undefined ? '' : direction === 'rx' ? ' R' : ' T';
  return `(${seconds}.${fraction}) ${interfaceName} ${candumpText(frame)}${suffix}`;
}

/**
 * Reads a line of a candump log, with 6 or 9 decimals, with or without the R or T of `candump -x`,
 * and with or without an end of line. Error frames are read too. Undefined for a line that does not
 * begin with `(`: comments and empty lines, which canplayer skips as well.
 *
 * @throws RangeError `ERR_SOCKETCAN_INVALID_FRAME` with the text and the broken rule; TypeError of
 * the same code if it is no string.
 */
export function parseLogLine(line: string): LogRecord | undefined {
  checkText(line);
  if (!line.startsWith('(')) return undefined;
  const [, seconds, fraction, interfaceName, text, direction] = LINE.exec(line) ?? [];
  if (seconds === undefined || fraction === undefined || interfaceName === undefined || text === undefined) {
    throw INVALID_FRAME.range(
      `${describe(line)} is not a line of a candump log: it must be (seconds.decimals), 6 or 9 of ` +
        'them, the interface, the frame, and perhaps R or T',
    );
  }
  const systemNs = BigInt(seconds) * NS_PER_SECOND + BigInt(fraction.padEnd(9, '0'));
  const record = { systemNs, interfaceName, frame: parseAnyFrame(text) };
  return direction === undefined ? record : { ...record, direction: direction === 'R' ? 'rx' : 'tx' };
}

function checkTime(value: unknown): void {
  if (typeof value !== 'bigint') {
    throw INVALID_FRAME.type(`systemNs must be a bigint of nanoseconds; found ${describe(value)}`);
  }
  if (value < 0n) throw INVALID_FRAME.range(`systemNs must not be negative; found ${describe(value)}`);
}

function checkName(value: unknown): void {
  if (typeof value !== 'string') {
    throw INVALID_FRAME.type(`The interface name must be a string; found ${describe(value)}`);
  }
  if (!/^\S+$/.test(value)) {
    throw INVALID_FRAME.range(`The interface name must not be empty nor have white space; found ${describe(value)}`);
  }
}

/** Throws unless it is 6 or 9. */
export function checkDecimals(value: unknown): void {
  if (value === 6 || value === 9) return;
  throw INVALID_FRAME.range(`A log has 6 or 9 decimals of a second; found ${describe(value)}`);
}
