import { checkInteger } from '../options/check';
import { INVALID_FRAME } from '../options/invalid';
import { CAN_MAX_LENGTH } from './dlc';
import { checkIdentifier, type FrameFormat } from './format';
import { hexIdentifier } from '../hex';

/**
 * A remote frame (RTR). It requests the data frame with the same identifier, and has a length but no data. There are no
 * remote frames in CAN FD (ISO 11898-1). pycyphal does not support them.
 */
export class RemoteFrame {
  /** Identifier format: 11 or 29 bits. */
  readonly format: FrameFormat;
  /** 0 to 0x7FF (base) or 0x1FFFFFFF (extended). */
  readonly identifier: number;
  /** Number of bytes requested, 0 to 8. */
  readonly length: number;

  /**
   * @param format 11 or 29, see {@link FrameFormat}
   * @param identifier integer from 0 to 2**format - 1
   * @param length integer from 0 to 8; default 0
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` for anything else
   */
  constructor(format: FrameFormat, identifier: number, length = 0) {
    checkIdentifier(format, identifier, INVALID_FRAME);
    checkInteger('The length of a remote frame', length, 0, CAN_MAX_LENGTH, INVALID_FRAME);
    this.format = format;
    this.identifier = identifier;
    this.length = length;
  }

  /** Data length code, 0 to 8: the same number as {@link length}. */
  get dlc(): number {
    return this.length;
  }

  /** Formats the frame as can-utils does: `123#R4`, and `123#R` for length 0. {@link parseFrame} reads it back. */
  toString(): string {
    const length = this.length === 0 ? '' : `${this.length}`;
    return `${hexIdentifier(this.format, this.identifier)}#R${length}`;
  }
}
