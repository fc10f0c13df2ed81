import { CANFD_BRS, CANFD_ESI, CANFD_FDF } from '../frame/constants';
import { adoptDataFrame, DataFrame } from '../frame/data-frame';
import { CAN_MAX_LENGTH } from '../frame/dlc';
import { invalidValue } from '../options/check';
import { INVALID_FRAME } from '../options/invalid';
import type { Envelope } from './media';

/** Returns the value if it is an envelope. @throws {TypeError} `ERR_SOCKETCAN_INVALID_FRAME` */
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
  throw invalidValue(`Envelope ${index}`, '{ frame: DataFrame, loopback: boolean }', value, false, INVALID_FRAME);
}

/** Converts a frame to CAN FD. An FD media sends all frames as CAN FD, with the same BRS. */
export function asFD(frame: DataFrame, brs: boolean): DataFrame {
  if (frame.fd && frame.brs === brs) return frame;
  const flags = CANFD_FDF | (brs ? CANFD_BRS : 0) | (frame.esi ? CANFD_ESI : 0);
  return adoptDataFrame(frame.format, frame.identifier, frame.data, flags);
}

/**
 * Converts a frame to classic CAN, for a media of MTU 8.
 *
 * @throws {RangeError} `ERR_SOCKETCAN_INVALID_FRAME` if the frame has more than 8 bytes
 */
export function asClassic(frame: DataFrame, index: number): DataFrame {
  if (!frame.fd) return frame;
  const { length } = frame.data;
  if (length <= CAN_MAX_LENGTH) return adoptDataFrame(frame.format, frame.identifier, frame.data, 0);
  throw INVALID_FRAME.range(
    `The frame of envelope ${index} must have at most ${CAN_MAX_LENGTH} bytes, because a media of MTU 8 sends ` +
      `classic CAN; found ${length} bytes (${String(frame)})`,
  );
}
