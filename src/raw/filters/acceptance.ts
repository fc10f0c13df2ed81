import { passesKernelFilter, toKernelFilter, type CANFilter, type KernelFilter } from '../../frame/can-filter';
import { CAN_EFF_FLAG, CAN_RTR_FLAG } from '../../frame/constants';
import type { DataFrame } from '../../frame/data-frame';
import { ErrorFrame } from '../../frame/error-frame';
import { FrameFormat, identifierMask } from '../../frame/format';
import type { Frame } from '../../frame/frame';
import { RemoteFrame } from '../../frame/remote-frame';
import { host } from '../../libc/layouts';
import { MAX_FILTERS } from './check';

/** The filters that accept all data and remote frames. */
const EVERYTHING: readonly KernelFilter[] = [{ can_id: 0, can_mask: 0 }];

/**
 * The acceptance filters of a socket, and the can_ids of the frames whose echoes were requested.
 *
 * The kernel filters echoes like any other frame, so it gets one more filter for each of those can_ids. Frames that
 * only pass because of it are rejected here, by the kernel's own rule. The can_ids are kept until the socket is
 * closed: when the filters change, an echo may still be on its way.
 */
export class AcceptanceFilters {
  /** The user's filters; undefined: all data and remote frames are accepted. */
  #filters: readonly KernelFilter[] | undefined;
  /** Whether a frame must match all filters instead of any. */
  readonly #join: boolean;
  /** The can_ids of the frames whose echoes were requested. */
  readonly #echoIds = new Set<number>();
  /** More can_ids were requested than a socket can have filters: the kernel accepts everything. */
  #anyEcho = false;
  /** The filters for the kernel, computed when needed. */
  #kernelFilters: readonly KernelFilter[] | undefined;

  constructor(filters?: readonly CANFilter[], join = false) {
    this.#filters = filters?.map(toKernelFilter);
    this.#join = join;
  }

  /** An array of struct can_filter for setsockopt(2); undefined: the kernel's default, which accepts everything. */
  get bytes(): Uint8Array | undefined {
    return this.#filters === undefined ? undefined : toBytes(this.#forKernel(this.#filters));
  }

  /** Replaces the user's filters. The returned function restores the old ones. */
  set(filters: readonly CANFilter[]): () => void {
    const before = this.#filters;
    this.#filters = filters.map(toKernelFilter);
    this.#kernelFilters = undefined;
    return () => {
      this.#filters = before;
      this.#kernelFilters = undefined;
    };
  }

  /** Accepts echoes of this frame from now on. Returns whether the kernel needs new filters for them. */
  addEcho(frame: Frame): boolean {
    if (frame instanceof ErrorFrame) return false; // The error mask selects error frames, not the filters.
    const canId = canIdOf(frame);
    if (this.#anyEcho || this.#echoIds.has(canId)) return false;
    this.#echoIds.add(canId);
    this.#kernelFilters = undefined;
    if (this.#echoIds.size <= MAX_FILTERS) return !this.#matches(canId);
    this.#anyEcho = true;
    this.#echoIds.clear();
    // Set new filters even if the current ones accept this echo, because later echoes set none.
    return this.#filters !== undefined;
  }

  /** Undoes {@link addEcho}, for when the kernel did not accept the new filters. */
  removeEchoes(frames: readonly Frame[]): void {
    for (const frame of frames) if (!(frame instanceof ErrorFrame)) this.#echoIds.delete(canIdOf(frame));
    this.#kernelFilters = undefined;
  }

  /** Whether the kernel accepts the echo of this frame. */
  kernelAccepts(frame: Frame): boolean {
    if (frame instanceof ErrorFrame) return false;
    const filters = this.#filters;
    const canId = canIdOf(frame);
    return (
      filters === undefined ||
      this.#echoIds.has(canId) ||
      this.#matches(canId) ||
      this.#forKernel(filters) === EVERYTHING
    );
  }

  /** Whether the user's filters accept a frame that the kernel has accepted. */
  accepts(frame: DataFrame | RemoteFrame): boolean {
    return (this.#echoIds.size === 0 && !this.#anyEcho) || this.#matches(canIdOf(frame));
  }

  #matches(canId: number): boolean {
    const filters = this.#filters;
    if (filters === undefined) return true;
    const passes = ({ can_id, can_mask }: KernelFilter): boolean => passesKernelFilter(canId, can_id, can_mask);
    return this.#join ? filters.length > 0 && filters.every(passes) : filters.some(passes);
  }

  #forKernel(filters: readonly KernelFilter[]): readonly KernelFilter[] {
    if (this.#kernelFilters !== undefined) return this.#kernelFilters;
    const extra = [...this.#echoIds].filter((canId) => !this.#matches(canId));
    const all = [...filters, ...extra.map(exactly)];
    // The kernel cannot select these frames if there are too many filters, or if joined filters would have to accept
    // one more can_id. Then it accepts everything, and accepts() selects.
    const impossible = this.#anyEcho || (this.#join && extra.length > 0) || all.length > MAX_FILTERS;
    this.#kernelFilters = impossible ? EVERYTHING : all;
    return this.#kernelFilters;
  }
}

/** An array of struct can_filter. */
function toBytes(filters: readonly KernelFilter[]): Uint8Array {
  return Buffer.concat(filters.map((filter) => host.can_filter.make({ ...filter })));
}

function canIdOf(frame: DataFrame | RemoteFrame): number {
  const extended = frame.format === FrameFormat.Extended ? CAN_EFF_FLAG : 0;
  const remote = frame instanceof RemoteFrame ? CAN_RTR_FLAG : 0;
  return (frame.identifier | extended | remote) >>> 0;
}

/** The filter that accepts only frames with this can_id. */
function exactly(canId: number): KernelFilter {
  const format = (canId & CAN_EFF_FLAG) === 0 ? FrameFormat.Base : FrameFormat.Extended;
  return {
    can_id: canId,
    can_mask: (identifierMask(format) | CAN_EFF_FLAG | CAN_RTR_FLAG) >>> 0,
  };
}
