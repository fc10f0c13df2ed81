import { UsageError, type Arguments } from './command';

/*
 * Values out of what parseArgs made. All throw UsageError with the option, the value found, and what
 * would be right.
 */

/** The value of a string option, the last if it was given several times; undefined if it was not. */
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

/** A number, decimal or 0x..., in [least, most]; undefined if the option was not given. */
export function numberOf(
  args: Arguments,
  option: string,
  { least = 0, most = Infinity }: { readonly least?: number; readonly most?: number } = {},
): number | undefined {
  const text = textOf(args, option);
  if (text === undefined) return undefined;
  const value = toNumber(text);
  if (value >= least && value <= most && Number.isFinite(value)) return value;
  throw wrong(option, text, `a number ${rangeText(least, most)}`);
}

/** As {@link numberOf}, whole numbers only. */
export function integerOf(
  args: Arguments,
  option: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {},
): number | undefined {
  const text = textOf(args, option);
  if (text === undefined) return undefined;
  const value = toNumber(text);
  if (value >= least && value <= most && Number.isInteger(value)) return value;
  throw wrong(option, text, `a whole number ${rangeText(least, most)}`);
}

/** One of a few words. */
export function choiceOf<T extends string>(args: Arguments, option: string, choices: readonly T[]): T | undefined {
  const text = textOf(args, option);
  const found = choices.find((choice) => choice === text);
  if (found !== undefined || text === undefined) return found;
  throw wrong(option, text, `one of ${choices.join(', ')}`);
}

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A length of time in ms: a number with a unit (us, ms, s, m, h, d), or of `unit` without one. */
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
  throw wrong(option, text, `a time as 500ms, 2s, 5m or 1h (${unit} without a unit)${from}`);
}

const SIZES: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** A number of bytes: 4096, 64k, 10M, 1G (powers of 1024), up to `most`. */
export function sizeOf(args: Arguments, option: string, most = Infinity): number | undefined {
  const text = textOf(args, option);
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)([kKMG]?)$/.exec(text);
  const unit = match?.[2] ?? '';
  const value = Math.floor(Number(match?.[1]) * (SIZES[unit === 'K' ? 'k' : unit] ?? NaN));
  if (value >= 1 && value <= most) return value;
  const upTo = most === Infinity ? '' : `, up to ${most / 2 ** 20}M`;
  throw wrong(option, text, `a number of bytes above 0 as 65536, 64k, 10M or 1G${upTo}`);
}

/** The --receive-buffer of a command, in bytes of the kernel's memory. */
export function receiveBufferOf(args: Arguments): number | undefined {
  return sizeOf(args, 'receive-buffer', 2 ** 30);
}

/** At least `least` positional arguments, at most `most`; `what` is the line of usage for them. */
export function checkCount(args: Arguments, what: string, least: number, most = Infinity): void {
  const { length } = args.positionals;
  const found = length === 0 ? 'nothing' : args.positionals.map((each) => quote(each)).join(' ');
  if (length < least) throw new UsageError(`${what} must be given; found ${found}`);
  if (length <= most) return;
  const taken = most === 0 ? 'none' : `only ${what}`;
  throw new UsageError(`${quote(args.positionals[most] ?? '')} is one argument too many: ${taken} is taken`);
}

/** Runs what reads an argument: what it throws is a mistake of the command line. */
export function fromArgument<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), error);
  }
}

function rangeText(least: number, most: number): string {
  return most === Infinity || most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
}

function toNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

/** The option's value is not what it must be. */
export function wrong(option: string, found: string, right: string): UsageError {
  return new UsageError(`--${option} must be ${right}; found ${quote(found)}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
