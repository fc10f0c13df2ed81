import { CAN_RAW_FILTER_MAX, host } from '../libc';
import {
  CAN_EFF_FLAG,
  CAN_RTR_FLAG,
  ErrorFrame,
  FilterConfiguration,
  FrameFormat,
  RemoteFrame,
  toKernelFilter,
  type DataFrame,
  type Frame,
  type KernelFilter,
} from '../frame';
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
function kernelBytes(filters: readonly KernelFilter[]): Uint8Array {
  return Buffer.concat(filters.map((filter) => host.can_filter.make({ ...filter })));
}

/** Everything, remote frames too. */
const ANYTHING: KernelFilter = { can_id: 0, can_mask: 0 };

/** An identifier of data or remote frames whose echoes are to be let in. */
interface Echoed {
  readonly frame: DataFrame | RemoteFrame;
  readonly filter: KernelFilter;
}

/** The filter that one kind of frame with one identifier passes. */
function exactly(frame: DataFrame | RemoteFrame): KernelFilter {
  const remote = frame instanceof RemoteFrame ? CAN_RTR_FLAG : 0;
  const extended = frame.format === FrameFormat.Extended ? CAN_EFF_FLAG : 0;
  const bits = 2 ** frame.format - 1;
  return {
    can_id: (frame.identifier | extended | remote) >>> 0,
    can_mask: (bits | CAN_EFF_FLAG | CAN_RTR_FLAG) >>> 0,
  };
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
  /** By can_id. */
  readonly #echoed = new Map<number, Echoed>();
  /** More identifiers than the kernel has filters: they are no longer kept, and all is let in. */
  #anyEcho = false;

  constructor(filters?: readonly CANFilter[], join = false) {
    this.#filters = filters;
    this.#join = join;
  }

  /** Replaces the user's filters; what it returns takes that back. */
  set(filters: readonly CANFilter[]): () => void {
    const before = this.#filters;
    this.#filters = filters;
    return () => {
      this.#filters = before;
    };
  }

  /** Sees to it that echoes of this frame are let in; true when the kernel must be told anew. */
  addEcho(frame: Frame): boolean {
    if (frame instanceof ErrorFrame) return false; // Let in by their classes, not by filters.
    const filter = exactly(frame);
    if (this.#anyEcho || this.#echoed.has(filter.can_id)) return false;
    this.#echoed.set(filter.can_id, { frame, filter });
    if (this.#echoed.size > CAN_RAW_FILTER_MAX) {
      this.#anyEcho = true;
      this.#echoed.clear();
    }
    return !this.#matches(frame);
  }

  #matches(frame: DataFrame | RemoteFrame): boolean {
    const filters = this.#filters;
    if (filters === undefined) return true;
    if (frame instanceof RemoteFrame) return false; // No filter lets them in.
    return this.#join
      ? filters.length > 0 && filters.every((filter) => filter.accepts(frame))
      : filters.some((filter) => filter.accepts(frame));
  }

  /** For the kernel; undefined: as the socket was born, everything is accepted. */
  get bytes(): Uint8Array | undefined {
    if (this.#filters === undefined) return undefined;
    const extra = [...this.#echoed.values()].filter(({ frame }) => !this.#matches(frame));
    const all = [...this.#filters.map(toKernelFilter), ...extra.map(({ filter }) => filter)];
    // More than the kernel takes, or filters joined by "and" beside which nothing can be let in: it
    // lets everything in, and accepts() below does its work.
    const impossible = this.#anyEcho || (this.#join && extra.length > 0);
    return kernelBytes(impossible || all.length > CAN_RAW_FILTER_MAX ? [ANYTHING] : all);
  }

  /** Whether a frame that the kernel has let in is one the user wants. */
  accepts(frame: DataFrame | RemoteFrame): boolean {
    return (this.#echoed.size === 0 && !this.#anyEcho) || this.#matches(frame);
  }
}
