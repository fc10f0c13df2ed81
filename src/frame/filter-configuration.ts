import { checkBits, invalidValue } from '../options/check';
import { INVALID_FILTER } from '../options/invalid';
import type { DataFrame } from './data-frame';
import { EXTENDED_IDENTIFIER_MASK, FrameFormat, checkFormat, identifierMask } from './format';

/** A filter without a format has a lower rank, because it passes two kinds of frames. As in pycyphal. */
const ANY_FORMAT_PENALTY = FrameFormat.Extended;

/**
 * An acceptance filter. It passes the frames whose identifier equals the filter's in every bit that is 1 in the mask.
 * Its rank, merge and text are those of pycyphal. It is immutable.
 */
export class FilterConfiguration {
  /** 0 to 0x7FF (base) or 0x1FFFFFFF. Bits outside the mask do not matter. */
  readonly identifier: number;
  /** The bits to compare, same range. It covers the identifier only, not the kernel's flags. */
  readonly mask: number;
  /** The only format that passes; undefined: both. */
  readonly format: FrameFormat | undefined;

  /**
   * @param identifier integer from 0 to 2**format - 1 (29 bits without a format)
   * @param mask the bits to compare, same range
   * @param format 11 or 29, see {@link FrameFormat}; omitted: both
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FILTER` for anything else
   */
  constructor(identifier: number, mask: number, format?: FrameFormat) {
    if (format !== undefined) checkFormat(format, INVALID_FILTER);
    const most = format === undefined ? EXTENDED_IDENTIFIER_MASK : identifierMask(format);
    checkBits('The identifier of a filter', identifier, most, INVALID_FILTER);
    checkBits('The mask of a filter', mask, most, INVALID_FILTER);
    this.identifier = identifier;
    this.mask = mask;
    this.format = format;
  }

  /** The selectivity of the filter, -29 to 29: the number of ones in its mask, minus 29 if it has no format. */
  get rank(): number {
    return countOnes(this.mask) - (this.format === undefined ? ANY_FORMAT_PENALTY : 0);
  }

  /** Creates the filter that passes every frame of one format, or of both. */
  static promiscuous(format?: FrameFormat): FilterConfiguration {
    return configure(0, 0, format);
  }

  /**
   * Returns the most selective filter that passes all frames that either filter passes. It may pass more. It keeps the
   * format only if both filters have the same.
   *
   * @throws {TypeError} `ERR_SOCKETCAN_INVALID_FILTER` if the argument is not a FilterConfiguration
   */
  merge(other: FilterConfiguration): FilterConfiguration {
    checkFilterConfiguration(other);
    const mask = this.mask & other.mask & ~(this.identifier ^ other.identifier);
    const format = this.format === other.format ? this.format : undefined;
    return configure(this.identifier & mask, mask, format);
  }

  /**
   * Tests whether the identifier and format of a frame pass. It treats a remote frame like a data frame, although a
   * socket with this filter receives no remote frames. Error frames have no identifier.
   */
  accepts(frame: Pick<DataFrame, 'format' | 'identifier'>): boolean {
    return (
      ((frame.identifier ^ this.identifier) & this.mask) === 0 &&
      (this.format === undefined || this.format === frame.format)
    );
  }

  /** Formats the bits to compare, with `x` for any: `bas:10101010101`, `ext:` or `any:` and 29 bits. */
  toString(): string {
    const bits = this.format ?? FrameFormat.Extended;
    let text = this.format === undefined ? 'any:' : bits === FrameFormat.Base ? 'bas:' : 'ext:';
    for (let bit = bits - 1; bit >= 0; bit--) {
      text += ((this.mask >>> bit) & 1) === 0 ? 'x' : `${(this.identifier >>> bit) & 1}`;
    }
    return text;
  }
}

/** A function outside the class: esbuild renames a class that refers to itself to `_FilterConfiguration`. */
function configure(identifier: number, mask: number, format?: FrameFormat): FilterConfiguration {
  return new FilterConfiguration(identifier, mask, format);
}

/** Throws unless the value is a FilterConfiguration. */
export function checkFilterConfiguration(value: unknown): void {
  if (value instanceof FilterConfiguration) return;
  throw invalidValue('The filter', 'a FilterConfiguration', value, false, INVALID_FILTER);
}

/** Counts the ones of a 32-bit number. */
export function countOnes(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
