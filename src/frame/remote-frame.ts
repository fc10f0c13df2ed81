import { checkInteger } from '../options/check';
import { CAN_MAX_LENGTH } from './dlc';
import { type FrameFormat, checkFormat, identifierMask } from './format';
import { hexIdentifier } from './hex';
import { INVALID_FRAME } from '../options/invalid';

/**
 * A remote frame (RTR): asks for the data frame of that identifier. It carries a length but no data.
 * CAN FD has none (ISO 11898-1). The pycyphal reference does not know them at all.
 */
export class RemoteFrame {
  /** Identifier format: 11 or 29 bits. */
  readonly format: FrameFormat;
  /** 0 to 0x7FF (base) or 0x1FFFFFFF (extended). */
  readonly identifier: number;
  /** Number of bytes asked for, 0 to 8. */
  readonly length: number;

  /**
   * @throws TypeError or RangeError `ERR_SOCKETCAN_INVALID_FRAME` if the format is not 11 or 29, the
   * identifier not an integer from 0 to 2**format - 1, or the length not an integer from 0 to 8.
   */
  constructor(format: FrameFormat, identifier: number, length = 0) {
    checkFormat(format, INVALID_FRAME);
    checkInteger('The identifier', identifier, 0, identifierMask(format), INVALID_FRAME);
    checkInteger('The length of a remote frame', length, 0, CAN_MAX_LENGTH, INVALID_FRAME);
    this.format = format;
    this.identifier = identifier;
    this.length = length;
  }

  /** The data length code, 0 to 8: the same number as {@link length}. */
  get dlc(): number {
    return this.length;
  }

  /** As can-utils writes it: `123#R4`, and `123#R` for length 0. {@link parseFrame} reads it back. */
  toString(): string {
    const length = this.length === 0 ? '' : `${this.length}`;
    return `${hexIdentifier(this.format, this.identifier)}#R${length}`;
  }
}
