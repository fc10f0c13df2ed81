import { CAN_RAW_FILTER_MAX } from '../../libc/constants';
import { host } from '../../libc/layouts';
import { CAN_EFF_FLAG, CAN_RTR_FLAG } from '../../frame/constants';
import type { DataFrame } from '../../frame/data-frame';
import { ErrorFrame } from '../../frame/error-frame';
import { FrameFormat, identifierMask } from '../../frame/format';
import type { Frame } from '../../frame/frame';
import { passesKernelFilter, toKernelFilter, type CANFilter, type KernelFilter } from '../../frame/can-filter';
import { RemoteFrame } from '../../frame/remote-frame';

/** Filters as setsockopt(2) takes them. */
function kernelBytes(filters: readonly KernelFilter[]): Uint8Array {
  return Buffer.concat(filters.map((filter) => host.can_filter.make({ ...filter })));
}

/** Everything, remote frames too. */
const ANYTHING: KernelFilter = { can_id: 0, can_mask: 0 };
const EVERYTHING: readonly KernelFilter[] = [ANYTHING];

/** The can_id of a frame. */
function canIdOf(frame: DataFrame | RemoteFrame): number {
  const extended = frame.format === FrameFormat.Extended ? CAN_EFF_FLAG : 0;
  const remote = frame instanceof RemoteFrame ? CAN_RTR_FLAG : 0;
  return (frame.identifier | extended | remote) >>> 0;
}

/** The filter that passes frames of one can_id only. */
function exactly(canId: number): KernelFilter {
  const format = (canId & CAN_EFF_FLAG) === 0 ? FrameFormat.Base : FrameFormat.Extended;
  return {
    can_id: canId,
    can_mask: (identifierMask(format) | CAN_EFF_FLAG | CAN_RTR_FLAG) >>> 0,
  };
}

/**
 * The acceptance filters of a socket, and the identifiers of frames whose echoes were asked for.
 * The kernel runs echoes through the filters like any other frame, so it is given a filter for each
 * of those identifiers as well; what else comes in by them is turned away here, by the kernel's own
 * rule. They are kept for the socket's life: an echo may still be on its way when the filters change.
 */
export class AcceptanceFilters {
  /** What the user wants; undefined: everything, remote frames too. */
  #filters: readonly KernelFilter[] | undefined;
  /** Whether a frame must match all filters rather than any. */
  readonly #join: boolean;
  /** The can_ids of frames whose echoes are to be let in. */
  readonly #echoed = new Set<number>();
  /** More identifiers than the kernel has filters: they are no longer kept, and all is let in. */
  #anyEcho = false;
  /** What the kernel is to be told, until something changes. */
  #kernel: readonly KernelFilter[] | undefined;

  constructor(filters?: readonly CANFilter[], join = false) {
    this.#filters = filters?.map(toKernelFilter);
    this.#join = join;
  }

  /** Replaces the user's filters; what it returns takes that back. */
  set(filters: readonly CANFilter[]): () => void {
    const before = this.#filters;
    this.#filters = filters.map(toKernelFilter);
    this.#kernel = undefined;
    return () => {
      this.#filters = before;
      this.#kernel = undefined;
    };
  }

  /** Sees to it that echoes of this frame are let in; true when the kernel must be told anew. */
  addEcho(frame: Frame): boolean {
    if (frame instanceof ErrorFrame) return false; // Let in by their classes, not by filters.
    const canId = canIdOf(frame);
    if (this.#anyEcho || this.#echoed.has(canId)) return false;
    this.#echoed.add(canId);
    this.#kernel = undefined;
    if (this.#echoed.size <= CAN_RAW_FILTER_MAX) return !this.#matches(canId);
    this.#anyEcho = true;
    this.#echoed.clear();
    // Even if the filters let this one in: of later ones the kernel is not told.
    return this.#filters !== undefined;
  }

  #matches(canId: number): boolean {
    const filters = this.#filters;
    if (filters === undefined) return true;
    const passes = ({ can_id, can_mask }: KernelFilter): boolean => passesKernelFilter(canId, can_id, can_mask);
    return this.#join ? filters.length > 0 && filters.every(passes) : filters.some(passes);
  }

  /** Takes back what {@link addEcho} has done: the kernel could not be told. */
  removeEchoes(frames: readonly Frame[]): void {
    for (const frame of frames) if (!(frame instanceof ErrorFrame)) this.#echoed.delete(canIdOf(frame));
    this.#kernel = undefined;
  }

  /** For the kernel; undefined: as the socket was born, everything is accepted. */
  get bytes(): Uint8Array | undefined {
    return this.#filters === undefined ? undefined : kernelBytes(this.#forKernel(this.#filters));
  }

  #forKernel(filters: readonly KernelFilter[]): readonly KernelFilter[] {
    if (this.#kernel !== undefined) return this.#kernel;
    const extra = [...this.#echoed].filter((canId) => !this.#matches(canId));
    const all = [...filters, ...extra.map(exactly)];
    // More than the kernel takes, or filters joined by "and" beside which nothing can be let in: it
    // lets everything in, and accepts() below does its work.
    const impossible = this.#anyEcho || (this.#join && extra.length > 0);
    this.#kernel = impossible || all.length > CAN_RAW_FILTER_MAX ? EVERYTHING : all;
    return this.#kernel;
  }

  /** Whether the kernel lets the echo of this frame in. */
  kernelAccepts(frame: Frame): boolean {
    if (frame instanceof ErrorFrame) return false;
    const filters = this.#filters;
    const canId = canIdOf(frame);
    return (
      filters === undefined ||
      this.#echoed.has(canId) ||
      this.#matches(canId) ||
      this.#forKernel(filters) === EVERYTHING
    );
  }

  /** Whether a frame that the kernel has let in is one the user wants. */
  accepts(frame: DataFrame | RemoteFrame): boolean {
    return (this.#echoed.size === 0 && !this.#anyEcho) || this.#matches(canIdOf(frame));
  }
}
