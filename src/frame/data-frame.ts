import { checkBoolean, checkObject, checkUint8Array } from '../options/check';
import { INVALID_FRAME } from '../options/invalid';
import { CANFD_BRS, CANFD_ESI, CANFD_FDF } from './constants';
import {
  CAN_MAX_LENGTH,
  DLC_BY_LENGTH,
  dlcToLength,
  isValidLength,
  lengthToDLC,
  requiredPadding,
  unsupportedLength,
} from './dlc';
import { checkIdentifier, type FrameFormat } from './format';
import { hexBytes, hexIdentifier } from '../hex';

/** The properties of a CAN FD frame that a classic frame lacks. */
export interface DataFrameFlags {
  /** True for a CAN FD frame. Default: true if there are more than 8 bytes, BRS or ESI. */
  readonly fd?: boolean | undefined;
  /** Bit rate switch: the controller sends the data at the data bit rate. CAN FD only. Default: false. */
  readonly brs?: boolean | undefined;
  /** Error state indicator: the sender is error passive. CAN FD only. Default: false. */
  readonly esi?: boolean | undefined;
}

/**
 * Flags that are already checked. Only this file can create them, so the constructor of DataFrame also trusts the
 * other arguments and keeps the data without a copy. One constructor for both cases gives all frames one hidden class.
 */
class TrustedFlags implements DataFrameFlags {
  readonly fd: boolean;
  readonly brs: boolean;
  readonly esi: boolean;

  constructor(bits: number) {
    this.fd = (bits & CANFD_FDF) !== 0;
    this.brs = (bits & CANFD_BRS) !== 0;
    this.esi = (bits & CANFD_ESI) !== 0;
  }
}
const TRUSTED: readonly TrustedFlags[] = Array.from({ length: 8 }, (_, bits) => new TrustedFlags(bits));

function checkFlag(name: string, value: unknown): boolean {
  return value !== undefined && checkBoolean(`The flag ${name}`, value, INVALID_FRAME);
}

function checkFlags(flags: DataFrameFlags, length: number): TrustedFlags {
  checkObject('The flags', flags, INVALID_FRAME, 'an object like { brs: true }');
  const brs = checkFlag('brs', flags.brs);
  const esi = checkFlag('esi', flags.esi);
  const needsFD = length > CAN_MAX_LENGTH || brs || esi;
  const fd = flags.fd === undefined ? needsFD : checkFlag('fd', flags.fd);
  if (needsFD && !fd) {
    const reason = length > CAN_MAX_LENGTH ? `${length} bytes` : brs ? 'BRS' : 'ESI';
    throw INVALID_FRAME.range(`A classic frame must have at most 8 bytes, no BRS and no ESI; found ${reason}`);
  }
  return TRUSTED[(fd ? CANFD_FDF : 0) | (brs ? CANFD_BRS : 0) | (esi ? CANFD_ESI : 0)] as TrustedFlags;
}

/**
 * A data frame, classic or CAN FD (ISO 11898-1). It is immutable and copies its data, so later changes of the caller's
 * buffer do not affect it. Do not write to {@link data}.
 *
 * Unlike pycyphal, a frame knows whether it is CAN FD. A received frame can be sent again unchanged.
 */
export class DataFrame {
  /** Identifier format: 11 or 29 bits. */
  readonly format: FrameFormat;
  /** 0 to 0x7FF (base) or 0x1FFFFFFF (extended), without the flag bits of linux/can.h. */
  readonly identifier: number;
  /** The payload: 0 to 8 bytes, in CAN FD also 12, 16, 20, 24, 32, 48 or 64. */
  readonly data: Uint8Array;
  /** True for a CAN FD frame, also if it has 8 bytes or fewer. */
  readonly fd: boolean;
  /** Bit rate switch; false in classic frames. */
  readonly brs: boolean;
  /** Error state indicator; false in classic frames. */
  readonly esi: boolean;

  /**
   * @param format 11 or 29, see {@link FrameFormat}
   * @param identifier integer from 0 to 2**format - 1
   * @param data 0 to 8, 12, 16, 20, 24, 32, 48 or 64 bytes; copied
   * @param flags CAN FD properties; default: classic for up to 8 bytes, otherwise CAN FD
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` for anything else, and for a classic frame
   * (`fd: false`) with more than 8 bytes, BRS or ESI
   */
  constructor(format: FrameFormat, identifier: number, data: Uint8Array, flags: DataFrameFlags = {}) {
    let trusted: TrustedFlags;
    let own: Uint8Array;
    if (flags instanceof TrustedFlags) {
      trusted = flags;
      own = data;
    } else {
      checkIdentifier(format, identifier, INVALID_FRAME);
      checkUint8Array('The data', data, INVALID_FRAME);
      if (!isValidLength(data.length)) throw unsupportedLength(data.length);
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

  /** Data length code, 0 to 15. Codes above 8 differ from the number of bytes, see {@link dlcToLength}. */
  get dlc(): number {
    return DLC_BY_LENGTH[this.data.length] as number;
  }

  /**
   * Formats the frame as candump and cansend do (can-utils, lib.h): `123#DEADBEEF`. A CAN FD frame has a second `#`
   * and its flags (BRS 1, ESI 2): `1BADC0FE##1AABB`. {@link parseFrame} reads it back.
   */
  toString(): string {
    const flags = this.fd ? `#${(this.brs ? CANFD_BRS : 0) | (this.esi ? CANFD_ESI : 0)}` : '';
    return `${hexIdentifier(this.format, this.identifier)}#${flags}${hexBytes(this.data)}`;
  }

  /**
   * Returns the number of bytes (0 to 64) of a data length code in CAN FD.
   *
   * @param dlc integer from 0 to 15
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` for anything else
   */
  static dlcToLength(dlc: number): number {
    return dlcToLength(dlc);
  }

  /**
   * Returns the data length code (0 to 15) of a number of bytes.
   *
   * @param length 0 to 8, 12, 16, 20, 24, 32, 48 or 64
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` for anything else
   */
  static lengthToDLC(length: number): number {
    return lengthToDLC(length);
  }

  /**
   * Returns the number of bytes to add to reach the next valid CAN FD length: 0 for 6 bytes, 3 for 61.
   *
   * @param length integer from 0 to 64
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` for anything else
   */
  static requiredPadding(length: number): number {
    return requiredPadding(length);
  }
}

/**
 * Creates a frame from arguments that the caller guarantees to be valid. The frame takes over the array without a copy.
 *
 * @internal
 * @param flags any of CANFD_BRS, CANFD_ESI and CANFD_FDF; 0 for a classic frame
 */
export function adoptDataFrame(format: FrameFormat, identifier: number, data: Uint8Array, flags: number): DataFrame {
  return new DataFrame(format, identifier, data, TRUSTED[flags]);
}
