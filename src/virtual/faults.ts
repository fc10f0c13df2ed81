import { inspect } from 'node:util';
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
  /** The longest delay, in ns, up to 2**53 - 1; default 1 ms. */
  readonly delayNs?: number;
}

export type Fate = 'pass' | 'drop' | 'duplicate' | 'reorder' | 'delay';

const KINDS = ['drop', 'duplicate', 'reorder', 'delay'] as const;
const DELAY_NS = 1_000_000;

/** @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION` for what is no probability or no time */
export function checkFaults(faults: BusFaults): BusFaults {
  if (typeof (faults as unknown) !== 'object' || (faults as unknown) === null) {
    throw invalid(new TypeError(`The faults must be an object, not ${inspect(faults)}`));
  }
  for (const [name, value] of Object.entries(faults) as [string, unknown][]) {
    if (value === undefined) continue;
    if (name === 'delayNs') {
      if (Number.isSafeInteger(value) && (value as number) >= 0) continue;
      throw invalid(new RangeError(`The fault delayNs must be an integer of ns from 0 on, not ${inspect(value)}`));
    }
    if (!(KINDS as readonly string[]).includes(name)) {
      throw invalid(new RangeError(`There is no fault ${name}, but ${KINDS.join(', ')} and delayNs`));
    }
    if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
      throw invalid(new RangeError(`The fault ${name} must be a probability of 0 to 1, not ${inspect(value)}`));
    }
  }
  return { ...faults };
}

function invalid(error: RangeError | TypeError): Error {
  return invalidArgument(error, 'ERR_SOCKETCAN_INVALID_OPTION');
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

  /**
   * What happens to a frame, and how late it is (in ns) if it is 'delay'. Always as many draws, so that
   * a change of one probability leaves the sequence of the others.
   */
  fate(faults: BusFaults): { readonly fate: Fate; readonly delayNs: bigint } {
    let fate: Fate = 'pass';
    for (const kind of KINDS) {
      const draw = this.next();
      if (fate === 'pass' && draw < (faults[kind] ?? 0)) fate = kind;
    }
    return { fate, delayNs: BigInt(Math.floor(this.next() * (faults.delayNs ?? DELAY_NS))) };
  }
}
