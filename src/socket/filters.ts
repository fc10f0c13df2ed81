import { CAN_RAW_FILTER_MAX, host } from '../libc';
import { FilterConfiguration, toKernelFilter, type DataFrame, type Identified } from '../frame';
import { invalidArgument } from '../errors';

/** An acceptance filter of a socket. */
export type CANFilter = FilterConfiguration;

/** @throws what is wrong with a list of filters */
export function checkFilters(filters: unknown): readonly CANFilter[] {
  if (!Array.isArray(filters)) {
    throw invalidArgument(
      new TypeError(`The filters must be an array of FilterConfiguration, not ${typeof filters}`),
      'ERR_SOCKETCAN_INVALID_FILTER',
    );
  }
  filters.forEach((filter: unknown, index) => {
    if (filter instanceof FilterConfiguration) return;
    throw invalidArgument(
      new TypeError(`Filter ${index} must be a FilterConfiguration, not ${String(filter)}`),
      'ERR_SOCKETCAN_INVALID_FILTER',
    );
  });
  if (filters.length > CAN_RAW_FILTER_MAX) {
    throw invalidArgument(
      new RangeError(
        `The kernel takes ${CAN_RAW_FILTER_MAX} filters a socket, not ${filters.length}: merge them with optimizeFilterConfigurations()`,
      ),
      'ERR_SOCKETCAN_INVALID_FILTER',
    );
  }
  return [...(filters as CANFilter[])];
}

/** Filters as setsockopt(2) takes them. */
function kernelBytes(filters: readonly CANFilter[]): Uint8Array {
  return Buffer.concat(
    filters.map((filter) => host.can_filter.make({ ...toKernelFilter(filter) })),
  );
}

/**
 * The acceptance filters of a socket, and the identifiers of frames whose echoes were asked for.
 * The kernel runs echoes through the filters like any other frame, so it is given a filter for each
 * of those identifiers as well; what else comes in by them is turned away here. They are kept for
 * the socket's life: an echo may still be on its way when the filters change.
 */
export class AcceptanceFilters {
  /** What the user wants; undefined: everything, remote frames too. */
  #filters: readonly CANFilter[] | undefined;
  /** Whether a frame must match all filters rather than any. */
  readonly #join: boolean;
  readonly #echoed = new Map<number, FilterConfiguration>();
  /** More identifiers than the kernel has filters: they are no longer kept, and all is let in. */
  #anyEcho = false;

  constructor(filters?: readonly CANFilter[], join = false) {
    this.#filters = filters;
    this.#join = join;
  }

  set(filters: readonly CANFilter[]): void {
    this.#filters = filters;
  }

  /** Sees to it that echoes of this frame are let in; true when the kernel must be told anew. */
  addEcho(frame: DataFrame): boolean {
    const key = frame.identifier * 64 + frame.format;
    if (this.#anyEcho || this.#echoed.has(key)) return false;
    const filter = new FilterConfiguration(frame.identifier, 2 ** frame.format - 1, frame.format);
    this.#echoed.set(key, filter);
    if (this.#echoed.size > CAN_RAW_FILTER_MAX) {
      this.#anyEcho = true;
      this.#echoed.clear();
    }
    return !this.#matches(frame);
  }

  #matches(frame: Identified): boolean {
    const filters = this.#filters;
    if (filters === undefined) return true;
    return this.#join
      ? filters.length > 0 && filters.every((filter) => filter.accepts(frame))
      : filters.some((filter) => filter.accepts(frame));
  }

  /** For the kernel; undefined: as the socket was born, everything is accepted. */
  get bytes(): Uint8Array | undefined {
    if (this.#filters === undefined) return undefined;
    const extra = [...this.#echoed.values()].filter(
      ({ identifier, format }) => format !== undefined && !this.#matches({ identifier, format }),
    );
    const all = [...this.#filters, ...extra];
    // More than the kernel takes, or filters joined by "and" beside which nothing can be let in: it
    // lets everything in, and accepts() below does its work.
    const any = [FilterConfiguration.promiscuous()];
    const impossible = this.#anyEcho || (this.#join && extra.length > 0);
    return kernelBytes(impossible || all.length > CAN_RAW_FILTER_MAX ? any : all);
  }

  /** Whether a data frame that the kernel has let in is one the user wants. */
  accepts(frame: DataFrame): boolean {
    return (this.#echoed.size === 0 && !this.#anyEcho) || this.#matches(frame);
  }
}
