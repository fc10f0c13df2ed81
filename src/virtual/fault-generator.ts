import { FAULT_KINDS, type BusFaults, type FaultKind } from './faults';

const DEFAULT_DELAY_NS = 1_000_000;

/** The fault of one frame. */
export interface Fault {
  /** Undefined: no fault. */
  readonly kind: FaultKind | undefined;
  /** How late a frame with the fault 'delay' is, in ns. */
  readonly delayNs: bigint;
}

/** Picks the faults of frames at random. The same seed gives the same faults. */
export class FaultGenerator {
  #state: number;

  /** @param seed any 32-bit integer */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /**
   * Picks the fault of the next frame. Each frame takes the same number of random numbers, so a change of one
   * probability does not change where the other faults occur.
   */
  next(faults: BusFaults): Fault {
    let kind: FaultKind | undefined;
    for (const each of FAULT_KINDS) {
      const hit = this.#random() < (faults[each] ?? 0);
      if (hit) kind ??= each;
    }
    return { kind, delayNs: BigInt(Math.floor(this.#random() * (faults.delayNs ?? DEFAULT_DELAY_NS))) };
  }

  /** Returns a number in [0, 1), evenly distributed: the splitmix32 sequence. */
  #random(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 0x1_0000_0000;
  }
}
