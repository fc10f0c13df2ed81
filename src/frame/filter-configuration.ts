import { checkInteger } from '../options/check';
import { describe } from '../options/describe';
import { EXTENDED_IDENTIFIER_MASK, FrameFormat, checkFormat, identifierMask } from './format';
import { INVALID_FILTER } from '../options/invalid';

/** What a filter without a format loses in rank: it lets two kinds of frames in, as in the reference. */
const ANY_FORMAT_PENALTY = FrameFormat.Extended;

/** Number of ones in a 32-bit number. */
export function countOnes(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** What {@link FilterConfiguration.accepts} looks at: data and remote frames have it. */
export interface Identified {
  readonly format: FrameFormat;
  readonly identifier: number;
}

/**
 * An acceptance filter: it passes the frames whose identifier equals the filter's in the bits that
 * are ones in the mask. Rank, merging and text are those of the pycyphal reference. Immutable.
 */
export class FilterConfiguration {
  /** 0 to 0x7FF (base) or 0x1FFFFFFF; bits outside the mask do not matter. */
  readonly identifier: number;
  /** Bits that are compared; same range. It covers the identifier only, none of the kernel's flags. */
  readonly mask: number;
  /** The only format that passes, or undefined: both pass. */
  readonly format: FrameFormat | undefined;

  /**
   * @param identifier integer from 0 to 2**format - 1 (29 bits if there is no format)
   * @param mask the same range
   * @throws TypeError or RangeError `ERR_SOCKETCAN_INVALID_FILTER` for anything else.
   */
  constructor(identifier: number, mask: number, format?: FrameFormat) {
    if (format !== undefined) checkFormat(format, INVALID_FILTER);
    const most = format === undefined ? EXTENDED_IDENTIFIER_MASK : identifierMask(format);
    checkInteger('The identifier of a filter', identifier, 0, most, INVALID_FILTER);
    checkInteger('The mask of a filter', mask, 0, most, INVALID_FILTER);
    this.identifier = identifier;
    this.mask = mask;
    this.format = format;
  }

  /** The filter that passes every frame of the format, or of both. */
  static promiscuous(format?: FrameFormat): FilterConfiguration {
    return configure(0, 0, format);
  }

  /** How choosy the filter is, -29 to 29: the ones of its mask, less 29 if it has no format. */
  get rank(): number {
    return countOnes(this.mask) - (this.format === undefined ? ANY_FORMAT_PENALTY : 0);
  }

  /**
   * The choosiest filter that passes all that either of the two passes. It may pass more. The
   * format stays only if both have the same.
   *
   * @throws TypeError `ERR_SOCKETCAN_INVALID_FILTER` if the other is no filter.
   */
  merge(other: FilterConfiguration): FilterConfiguration {
    checkFilter(other);
    const mask = this.mask & other.mask & ~(this.identifier ^ other.identifier);
    const format = this.format === other.format ? this.format : undefined;
    return configure(this.identifier & mask, mask, format);
  }

  /**
   * Whether the frame's identifier and format pass. A remote frame is judged by its identifier as a
   * data frame would be, although the kernel's copy of the filter (toKernelFilter) keeps
   * remote frames out. Error frames have no identifier; filters are not about them.
   */
  accepts(frame: Identified): boolean {
    return (
      ((frame.identifier ^ this.identifier) & this.mask) === 0 &&
      (this.format === undefined || this.format === frame.format)
    );
  }

  /** The bits that must be so, `x` for any: `bas:10101010101`, `ext:` with 29 bits, `any:` with 29. */
  toString(): string {
    const bits = this.format ?? FrameFormat.Extended;
    let text = this.format === undefined ? 'any:' : bits === FrameFormat.Base ? 'bas:' : 'ext:';
    for (let bit = bits - 1; bit >= 0; bit--) {
      text += ((this.mask >>> bit) & 1) === 0 ? 'x' : `${(this.identifier >>> bit) & 1}`;
    }
    return text;
  }
}

/** Outside of the class, which esbuild would name `_FilterConfiguration` if it named itself. */
function configure(identifier: number, mask: number, format?: FrameFormat): FilterConfiguration {
  return new FilterConfiguration(identifier, mask, format);
}

/** Throws unless the value is a filter. */
export function checkFilter(value: unknown): void {
  if (value instanceof FilterConfiguration) return;
  throw INVALID_FILTER.type(`The filter must be a FilterConfiguration; found ${describe(value)}`);
}
