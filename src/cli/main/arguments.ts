import { describe } from '../../options/describe';
import type { Arguments } from './command';
import { UsageError } from './failures';

/*
 * Values of the command line. All functions throw a UsageError with the option, the value found, and what would be
 * right.
 */

/** The value of a string option, the last if it was given several times; undefined if it was not given. */
export function textOf(args: Arguments, option: string): string | undefined {
  const value = args.values[option];
  const last = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' ? last : undefined;
}

/** All values of a string option that may be given several times. */
export function textsOf(args: Arguments, option: string): string[] {
  const value = args.values[option];
  const all = Array.isArray(value) ? value : [value];
  return all.filter((each) => typeof each === 'string');
}

/** Whether a boolean option was given. */
export function flagOf(args: Arguments, option: string): boolean {
  return args.values[option] === true;
}

/** A number, decimal or 0x..., from `least` to `most`; undefined if the option was not given. */
export function numberOf(
  args: Arguments,
  option: string,
  { least = 0, most = Infinity }: { readonly least?: number; readonly most?: number } = {},
): number | undefined {
  const text = textOf(args, option);
  if (text === undefined) return undefined;
  const value = toNumber(text);
  if (value >= least && value <= most && Number.isFinite(value)) return value;
  throw invalidOption(option, `a number ${rangeText(least, most)}`, text);
}

/** Like {@link numberOf}, integers only. */
export function integerOf(
  args: Arguments,
  option: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {},
): number | undefined {
  const text = textOf(args, option);
  if (text === undefined) return undefined;
  const value = toNumber(text);
  if (value >= least && value <= most && Number.isInteger(value)) return value;
  throw invalidOption(option, `an integer ${rangeText(least, most)}`, text);
}

/** One of a few words; undefined if the option was not given. */
export function choiceOf<T extends string>(args: Arguments, option: string, choices: readonly T[]): T | undefined {
  const text = textOf(args, option);
  const found = choices.find((choice) => choice === text);
  if (found !== undefined || text === undefined) return found;
  throw invalidOption(option, `one of ${choices.join(', ')}`, text);
}

/** The decimals of the seconds, from --decimals. Default 6. */
export function decimalsOf(args: Arguments): 6 | 9 {
  return choiceOf(args, 'decimals', ['6', '9']) === '9' ? 9 : 6;
}

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration in ms. It is a number with a unit (us, ms, s, m, h, d); without one it is in `unit`. */
export function durationOf(
  args: Arguments,
  option: string,
  unit: 'ms' | 's',
  { least = 0 }: { readonly least?: number } = {},
): number | undefined {
  const text = textOf(args, option);
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?|\.\d+)([a-z]*)$/.exec(text);
  const factor = UNITS[match?.[2] === '' ? unit : (match?.[2] ?? '')];
  const value = Number(match?.[1]) * (factor ?? NaN);
  if (value >= least && Number.isFinite(value)) return value;
  const from = least > 0 ? `, ${least} ms or more` : '';
  throw invalidOption(option, `a time such as 500ms, 2s, 5m or 1h (${unit} without a unit)${from}`, text);
}

const SIZES: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** A number of bytes up to `most`: 4096, 64k, 10M, 1G (powers of 1024). */
export function sizeOf(args: Arguments, option: string, most = Infinity): number | undefined {
  const text = textOf(args, option);
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)([kKMG]?)$/.exec(text);
  const unit = match?.[2] ?? '';
  const value = Math.floor(Number(match?.[1]) * (SIZES[unit === 'K' ? 'k' : unit] ?? NaN));
  if (value >= 1 && value <= most) return value;
  const upTo = most === Infinity ? '' : `, up to ${most / 2 ** 20}M`;
  throw invalidOption(option, `a number of bytes above 0 such as 65536, 64k, 10M or 1G${upTo}`, text);
}

/** The value of --receive-buffer, in bytes of kernel memory. */
export function receiveBufferOf(args: Arguments): number | undefined {
  return sizeOf(args, 'receive-buffer', 2 ** 30);
}

/** Checks the number of positional arguments. `what` describes them as the usage line does. */
export function checkCount(args: Arguments, what: string, least: number, most = Infinity): void {
  const { length } = args.positionals;
  const found = length === 0 ? 'nothing' : args.positionals.map((each) => describe(each)).join(' ');
  if (length < least) throw new UsageError(`${what} must be given; found ${found}`);
  if (length <= most) return;
  const allowed = most === 0 ? 'no arguments are' : `only ${what} is`;
  throw new UsageError(`${describe(args.positionals[most])} is one argument too many: ${allowed} allowed`);
}

/** Parses an argument. Any exception of `parse` becomes a UsageError. */
export function fromArgument<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), error);
  }
}

/** The error for an option: `rule` says what the value must be. */
export function invalidOption(option: string, rule: string, found: string): UsageError {
  return new UsageError(`--${option} must be ${rule}; found ${describe(found)}`);
}

function rangeText(least: number, most: number): string {
  return most === Infinity || most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
}

function toNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}
