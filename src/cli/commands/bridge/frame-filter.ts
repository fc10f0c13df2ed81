import { RemoteFrame, type CANFilter, type DataFrame } from '../../../index';

/**
 * Applies filters as the kernel does, by the rules of {@link CANFilter}. The bridge filters by itself because nobody
 * can count the frames that the kernel rejects.
 */
export class FrameFilter {
  readonly #filters: readonly CANFilter[] | undefined;
  readonly #join: boolean;

  /**
   * @param filters undefined: all frames pass
   * @param join true: a frame must pass all filters; false: any
   */
  constructor(filters: readonly CANFilter[] | undefined, join = false) {
    this.#filters = filters;
    this.#join = join;
  }

  accepts(frame: DataFrame | RemoteFrame): boolean {
    if (this.#filters === undefined) return true;
    const passed = (filter: CANFilter): boolean => passes(frame, filter);
    return this.#join ? this.#filters.every(passed) : this.#filters.some(passed);
  }
}

function passes(frame: DataFrame | RemoteFrame, filter: CANFilter): boolean {
  const { identifier, mask, format, remote = false, inverted = false } = filter;
  const matches =
    ((frame.identifier ^ identifier) & mask) === 0 &&
    (format === undefined || format === frame.format) &&
    (remote === 'any' || remote === frame instanceof RemoteFrame);
  return matches !== inverted;
}
