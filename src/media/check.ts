import { CANFD_BRS, CANFD_ESI, CANFD_FDF } from '../frame/constants';
import { adoptDataFrame, DataFrame } from '../frame/data-frame';
import { CAN_MAX_LENGTH } from '../frame/dlc';
import { invalidArgument } from '../errors';
import type { Envelope } from './media';

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
}

/** @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_MTU` unless the set has it */
export function checkMTU(mtu: unknown, valid: ReadonlySet<number>): number {
  if (typeof mtu !== 'number') {
    throw invalidArgument(new TypeError(`The MTU must be a number, not ${typeof mtu}`), 'ERR_SOCKETCAN_INVALID_MTU');
  }
  if (!valid.has(mtu)) {
    throw invalidArgument(
      new RangeError(`Invalid MTU: ${mtu} not in {${[...valid].join(', ')}}`),
      'ERR_SOCKETCAN_INVALID_MTU',
    );
  }
  return mtu;
}

/** @throws {TypeError} `ERR_SOCKETCAN_INVALID_OPTION` unless it is a function */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw invalidArgument(
    new TypeError(`The ${name} must be a function, not ${typeof value}`),
    'ERR_SOCKETCAN_INVALID_OPTION',
  );
}

/** @throws {TypeError} `ERR_SOCKETCAN_INVALID_OPTION` unless it has this type */
export function checkType(name: string, value: unknown, type: 'bigint' | 'boolean'): void {
  if (typeof value === type) return;
  throw invalidArgument(
    new TypeError(`The ${name} must be a ${type}, not ${typeof value}`),
    'ERR_SOCKETCAN_INVALID_OPTION',
  );
}

/** @throws {TypeError} `ERR_SOCKETCAN_INVALID_OPTION` unless it is iterable */
export function listOf<T>(name: string, value: Iterable<T>): T[] {
  if (typeof (value as unknown) === 'object' && (value as unknown) !== null && Symbol.iterator in value) {
    return Array.from(value);
  }
  throw invalidArgument(
    new TypeError(`The ${name} must be iterable, not ${describe(value)}`),
    'ERR_SOCKETCAN_INVALID_OPTION',
  );
}

/** @throws {TypeError} `ERR_SOCKETCAN_INVALID_FRAME` unless it is an envelope with a DataFrame */
export function checkEnvelope(value: unknown, index: number): Envelope {
  const envelope = value as Partial<Envelope> | null | undefined;
  if (
    typeof envelope === 'object' &&
    envelope !== null &&
    envelope.frame instanceof DataFrame &&
    typeof envelope.loopback === 'boolean'
  ) {
    return envelope as Envelope;
  }
  throw invalidArgument(
    new TypeError(`Envelope ${index} must be { frame: DataFrame, loopback: boolean }, not ${describe(value)}`),
    'ERR_SOCKETCAN_INVALID_FRAME',
  );
}

/** A frame in the form an FD media sends all of its frames in: CAN FD, BRS as the media has it. */
export function asFD(frame: DataFrame, brs: boolean): DataFrame {
  if (frame.fd && frame.brs === brs) return frame;
  const flags = CANFD_FDF | (brs ? CANFD_BRS : 0) | (frame.esi ? CANFD_ESI : 0);
  return adoptDataFrame(frame.format, frame.identifier, frame.data, flags);
}

/**
 * A frame in the form a classic media sends: what was received as CAN FD goes on as classic, if short.
 *
 * @throws {RangeError} `ERR_SOCKETCAN_INVALID_FRAME` for a frame that is too long for that
 */
export function asClassic(frame: DataFrame, index: number): DataFrame {
  if (!frame.fd) return frame;
  if (frame.data.length <= CAN_MAX_LENGTH) {
    return adoptDataFrame(frame.format, frame.identifier, frame.data, 0);
  }
  throw invalidArgument(
    new RangeError(
      `Envelope ${index} has a frame of ${frame.data.length} bytes (${String(frame)}); a media of MTU 8 is classic CAN, with at most 8 bytes in a frame`,
    ),
    'ERR_SOCKETCAN_INVALID_FRAME',
  );
}
