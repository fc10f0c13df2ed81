import { FrameFormat, RemoteFrame, type CANFilter, type DataFrame } from '../../../index';
import { CAN_EFF_FLAG, CAN_RTR_FLAG } from '../../../frame/constants';
import { passesKernelFilter, toKernelFilter } from '../../../frame/can-filter';

/**
 * Filters as the kernel has them, decided here: what the kernel keeps away nobody can count, and the
 * account of a bridge has what it did not forward.
 */
export class Acceptance {
  readonly #filters: readonly { readonly can_id: number; readonly can_mask: number }[] | undefined;
  readonly #joined: boolean;

  /** @param filters undefined: everything is accepted; @param joined all must accept, not any */
  constructor(filters: readonly CANFilter[] | undefined, joined = false) {
    this.#filters = filters?.map(toKernelFilter);
    this.#joined = joined;
  }

  accepts(frame: DataFrame | RemoteFrame): boolean {
    if (this.#filters === undefined) return true;
    const id =
      frame.identifier +
      (frame.format === FrameFormat.Extended ? CAN_EFF_FLAG : 0) +
      (frame instanceof RemoteFrame ? CAN_RTR_FLAG : 0);
    const passes = ({ can_id, can_mask }: { can_id: number; can_mask: number }): boolean =>
      passesKernelFilter(id, can_id, can_mask);
    return this.#joined ? this.#filters.every(passes) : this.#filters.some(passes);
  }
}
