import { invalidOption, textOf } from '../../main/arguments';
import type { Arguments } from '../../main/command';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6 };
/** Far above any CAN bit rate. A higher value is a typing error. */
const MOST = 67_000_000;

/** Returns a bit rate in bit/s from 500000, 500k or 1M. Undefined without the option. */
export function bitRateOf(args: Arguments, option: string): number | undefined {
  const text = textOf(args, option);
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text);
  const value = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? NaN);
  if (Number.isInteger(value) && value >= 1 && value <= MOST) return value;
  throw invalidOption(option, 'a bit rate such as 500000, 500k or 1M', text);
}
