import { invalidArgument } from '../errors';

/** How often, as a probability of 0 to 1 for each frame, something goes wrong on a bus. All 0 by default. */
export interface BusFaults {
  /** The frame reaches nobody, and is not echoed. */
  readonly drop?: number;
  /** The frame reaches everybody twice. */
  readonly duplicate?: number;
  /** The frame reaches everybody after the one that follows it (or after 1 ms, if none does). */
  readonly reorder?: number;
  /** The frame is late, by a time chosen evenly up to {@link delayNs}. */
  readonly delay?: number;
  /** The longest delay, in ns; default 1 ms. */
  readonly delayNs?: number;
}

export type Fate = 'pass' | 'drop' | 'duplicate' | 'reorder' | 'delay';

const KINDS = ['drop', 'duplicate', 'reorder', 'delay'] as const;

/** @throws {RangeError} `ERR_SOCKETCAN_INVALID_OPTION` for what is no probability or no time */
export function checkFaults(faults: BusFaults): BusFaults {
  for (const kind of KINDS) {
    const value: unknown = faults[kind] ?? 0;
    if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
      throw invalid(`The fault ${kind} must be a probability of 0 to 1, not ${String(value)}`);
    }
  }
  const delay: unknown = faults.delayNs ?? 0;
  if (typeof delay !== 'number' || !Number.isSafeInteger(delay) || delay < 0) {
    throw invalid(`The fault delayNs must be a number of ns, not ${String(delay)}`);
  }
  return { ...faults };
}

function invalid(message: string): RangeError {
  return invalidArgument(new RangeError(message), 'ERR_SOCKETCAN_INVALID_OPTION');
}

/** Chance with a seed: the same seed gives the same misfortunes. */
export class Chance {
  #state: number;

  /** @param seed any 32-bit integer */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Evenly in [0, 1): the splitmix32 sequence. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 0x1_0000_0000;
  }

  /** What happens to a frame. One draw for each kind, so that a change of one leaves the others' sequence. */
  fate(faults: BusFaults): Fate {
    let fate: Fate = 'pass';
    for (const kind of KINDS) {
      const draw = this.next();
      if (fate === 'pass' && draw < (faults[kind] ?? 0)) fate = kind;
    }
    return fate;
  }

  /** A delay in ns. */
  delay(faults: BusFaults): bigint {
    return BigInt(Math.floor(this.next() * (faults.delayNs ?? 1_000_000)));
  }
}
