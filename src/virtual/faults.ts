import { checkChoice, checkInteger, checkObject, invalidValue } from '../options/check';

/** Faults of a bus, each as the probability, from 0 to 1, that it hits a frame. All are 0 by default. */
export interface BusFaults {
  /** No socket receives the frame, and its sender gets no echo. */
  readonly drop?: number;
  /** Each socket receives the frame twice. */
  readonly duplicate?: number;
  /** The next frame overtakes this one. If none follows within 1 ms, this one arrives then. */
  readonly reorder?: number;
  /** The frame is late by a random time, evenly distributed from 0 to {@link delayNs}. */
  readonly delay?: number;
  /** The longest delay, in ns, 0 to 2**53 - 1; default 1,000,000 (1 ms). */
  readonly delayNs?: number;
}

/** A fault that can hit a frame, see {@link BusFaults}. */
export type FaultKind = 'drop' | 'duplicate' | 'reorder' | 'delay';

/** If several faults hit a frame, the first of this list applies. */
export const FAULT_KINDS: readonly FaultKind[] = ['drop', 'duplicate', 'reorder', 'delay'];

/**
 * Returns a copy of the faults.
 *
 * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`
 */
export function checkFaults(faults: BusFaults): BusFaults {
  checkObject('The faults of a virtual bus', faults);
  for (const [name, value] of Object.entries(faults) as [string, unknown][]) {
    if (value === undefined) continue;
    checkChoice('The name of a fault', name, [...FAULT_KINDS, 'delayNs']);
    if (name === 'delayNs') checkInteger('The fault delayNs', value, 0, Number.MAX_SAFE_INTEGER);
    else checkProbability(`The fault ${name}`, value);
  }
  return { ...faults };
}

function checkProbability(what: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && value <= 1) return;
  throw invalidValue(what, 'a probability from 0 to 1', value, typeof value === 'number');
}
