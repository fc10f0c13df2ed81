import { checkInteger, isUint8Array } from '../options/check';
import { describe } from '../options/describe';
import {
  CAN_MAX_LENGTH,
  DLC_BY_LENGTH,
  dlcToLength,
  isValidLength,
  lengthToDLC,
  requiredPadding,
  unsupportedLength,
} from './dlc';
import { type FrameFormat, checkFormat, identifierMask } from './format';
import { hexBytes, hexIdentifier } from './hex';
import { INVALID_FRAME } from '../options/invalid';

/** What a CAN FD frame has and a classic frame has not. */
export interface DataFrameFlags {
  /** A CAN FD frame. Default: as the rest demands, that is, if there are more than 8 bytes, BRS or ESI. */
  readonly fd?: boolean | undefined;
  /** Bit rate switch: the data go at the data bit rate. CAN FD only. Default: false. */
  readonly brs?: boolean | undefined;
  /** Error state indicator: the sender is error passive. CAN FD only. Default: false. */
  readonly esi?: boolean | undefined;
}

/** The flag bits as struct canfd_frame has them (linux/can.h), and one above for "is CAN FD". */
export const BRS_BIT = 1;
export const ESI_BIT = 2;
export const FD_BIT = 4;

/**
 * Flags that were checked already, known by their class, which no one outside can get hold of. They
 * tell the constructor that the data are its own too. One constructor for both ways in keeps one
 * hidden class for all frames.
 */
class TrustedFlags implements DataFrameFlags {
  readonly fd: boolean;
  readonly brs: boolean;
  readonly esi: boolean;
  constructor(bits: number) {
    this.fd = (bits & FD_BIT) !== 0;
    this.brs = (bits & BRS_BIT) !== 0;
    this.esi = (bits & ESI_BIT) !== 0;
  }
}
const TRUSTED: readonly TrustedFlags[] = Array.from({ length: 8 }, (_, i) => new TrustedFlags(i));

function checkFlag(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw INVALID_FRAME.type(`The flag ${name} must be true or false; found ${describe(value)}`);
}

function checkData(data: unknown): void {
  if (!isUint8Array(data)) {
    throw INVALID_FRAME.type(`The data must be a Uint8Array; found ${describe(data)}`);
  }
  if (!isValidLength(data.length)) throw unsupportedLength(data.length);
}

function checkFlags(flags: unknown, length: number): TrustedFlags {
  if (typeof flags !== 'object' || flags === null) {
    throw INVALID_FRAME.type(`The flags must be an object like { brs: true }; found ${describe(flags)}`);
  }
  const given = flags as DataFrameFlags;
  const brs = checkFlag('brs', given.brs);
  const esi = checkFlag('esi', given.esi);
  const needsFD = length > CAN_MAX_LENGTH || brs || esi;
  const fd = given.fd === undefined ? needsFD : checkFlag('fd', given.fd);
  if (needsFD && !fd) {
    const reason = length > CAN_MAX_LENGTH ? `${length} bytes` : brs ? 'BRS' : 'ESI';
    throw INVALID_FRAME.range(`A classic frame has at most 8 bytes, no BRS and no ESI; found ${reason}`);
  }
  return TRUSTED[(fd ? FD_BIT : 0) | (brs ? BRS_BIT : 0) | (esi ? ESI_BIT : 0)] as TrustedFlags;
}

/**
 * A data frame, classic or CAN FD (ISO 11898-1). Immutable: the data are copied once, so a later
 * change of the caller's buffer does not reach the frame; do not write to {@link data} either.
 *
 * Differs on purpose from the pycyphal reference, which has no FD flags: here a frame says itself
 * whether it is CAN FD, so frames that were received can be sent on as they were.
 */
export class DataFrame {
  /** Identifier format: 11 or 29 bits. */
  readonly format: FrameFormat;
  /** 0 to 0x7FF (base) or 0x1FFFFFFF (extended), without the flag bits of linux/can.h. */
  readonly identifier: number;
  /** The payload: 0..8 bytes, in CAN FD also 12, 16, 20, 24, 32, 48 or 64. */
  readonly data: Uint8Array;
  /** True of a CAN FD frame, which may have 8 bytes or less too. */
  readonly fd: boolean;
  /** Bit rate switch; false in classic frames. */
  readonly brs: boolean;
  /** Error state indicator; false in classic frames. */
  readonly esi: boolean;

  /**
   * @param format 11 or 29, see {@link FrameFormat}
   * @param identifier integer from 0 to 2**format - 1
   * @param data 0..8, 12, 16, 20, 24, 32, 48 or 64 bytes; copied
   * @throws TypeError or RangeError `ERR_SOCKETCAN_INVALID_FRAME` for anything else, for a classic
   * frame (`fd: false`) with more than 8 bytes, and for one with BRS or ESI.
   */
  constructor(format: FrameFormat, identifier: number, data: Uint8Array, flags: DataFrameFlags = {}) {
    let trusted: TrustedFlags;
    let own: Uint8Array;
    if (flags instanceof TrustedFlags) {
      trusted = flags;
      own = data;
    } else {
      checkFormat(format, INVALID_FRAME);
      checkInteger('The identifier', identifier, 0, identifierMask(format), INVALID_FRAME);
      checkData(data);
      trusted = checkFlags(flags, data.length);
      own = new Uint8Array(data);
    }
    this.format = format;
    this.identifier = identifier;
    this.data = own;
    this.fd = trusted.fd;
    this.brs = trusted.brs;
    this.esi = trusted.esi;
  }

  /** The data length code, 0 to 15: above 8 it is not the number of bytes, see {@link dlcToLength}. */
  get dlc(): number {
    return DLC_BY_LENGTH[this.data.length] as number;
  }

  /**
   * The frame as candump and cansend write it (can-utils, lib.h): `123#DEADBEEF`, in CAN FD with the
   * flags (BRS 1, ESI 2) after a second `#`: `1BADC0FE##1AABB`. {@link parseFrame} reads it back.
   */
  toString(): string {
    const flags = this.fd ? `#${(this.brs ? BRS_BIT : 0) | (this.esi ? ESI_BIT : 0)}` : '';
    return `${hexIdentifier(this.format, this.identifier)}#${flags}${hexBytes(this.data)}`;
  }

  /** Bytes (0 to 64) of a data length code (0 to 15); RangeError `ERR_SOCKETCAN_INVALID_FRAME` else. */
  static dlcToLength(dlc: number): number {
    return dlcToLength(dlc);
  }

  /** Data length code of 0..8, 12, 16, 20, 24, 32, 48 or 64 bytes; RangeError `ERR_SOCKETCAN_INVALID_FRAME` else. */
  static lengthToDLC(length: number): number {
    return lengthToDLC(length);
  }

  /** Bytes to add to 0..64 bytes to reach the next valid CAN FD length: 0 for 6, 3 for 61. */
  static requiredPadding(length: number): number {
    return requiredPadding(length);
  }
}

/**
 * A frame from parts that are known to be right, without the checks and without the copy: the frame
 * takes the array. For the codec, which has just made the array and checked the header.
 *
 * @internal
 * @param bits any of BRS_BIT, ESI_BIT, FD_BIT
 */
export function adoptDataFrame(format: FrameFormat, identifier: number, data: Uint8Array, bits: number): DataFrame {
  return new DataFrame(format, identifier, data, TRUSTED[bits]);
}
