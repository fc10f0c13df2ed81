import { describe } from './describe';
import { INVALID_OPTION, type Invalid } from './invalid';

/*
 * Every argument from outside is checked once, by one of these functions. `what` is the subject of the error message
 * ("The option limit"), `rule` what would be right. All messages have the form "WHAT must be RULE; found VALUE".
 */

/** The error for a value: a TypeError if its type is wrong, otherwise a RangeError. */
export function refusal(
  what: string,
  rule: string,
  value: unknown,
  rightType: boolean,
  invalid: Invalid = INVALID_OPTION,
): TypeError | RangeError {
  const message = `${what} must be ${rule}; found ${describe(value)}`;
  return rightType ? invalid.range(message) : invalid.type(message);
}

/** Returns the value if it is an integer from `least` to `most`. */
export function checkInteger(
  what: string,
  value: unknown,
  least: number,
  most: number,
  invalid: Invalid = INVALID_OPTION,
): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number;
  }
  const rule = `an integer from ${least} to ${describe(most)}`;
  throw refusal(what, rule, value, typeof value === 'number', invalid);
}

/** Returns the value if it is true or false. */
export function checkBoolean(what: string, value: unknown, invalid?: Invalid): boolean {
  if (typeof value === 'boolean') return value;
  throw refusal(what, 'true or false', value, false, invalid);
}

/** Returns the value if it is a bigint. */
export function checkBigint(what: string, value: unknown, invalid?: Invalid): bigint {
  if (typeof value === 'bigint') return value;
  throw refusal(what, 'a bigint', value, false, invalid);
}

/** Returns the value if it is one of some words. */
export function checkChoice<T extends string>(
  what: string,
  value: unknown,
  choices: readonly T[],
  invalid?: Invalid,
): T {
  if (choices.includes(value as T)) return value as T;
  const words = choices.map((each) => `'${each}'`).join(' or ');
  throw refusal(what, words, value, typeof value === 'string', invalid);
}

/** Returns the value if it is a function. */
export function checkFunction<T>(what: string, value: T, invalid?: Invalid): T {
  if (typeof value === 'function') return value;
  throw refusal(what, 'a function', value, false, invalid);
}

/** Returns the value if it is an object that can have options. */
export function checkObject<T>(what: string, value: T, invalid?: Invalid): T & object {
  if (typeof value === 'object' && value !== null) return value;
  throw refusal(what, 'an object', value, false, invalid);
}

/** Returns the value if it is an iterable object. A string is not. */
export function checkIterable<T>(what: string, value: unknown, invalid?: Invalid, rule = 'iterable'): Iterable<T> {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) {
    return value as Iterable<T>;
  }
  throw refusal(what, rule, value, false, invalid);
}

/** Returns the value if it is an AbortSignal or undefined. */
export function checkSignal(what: string, value: unknown, invalid?: Invalid): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw refusal(what, 'an AbortSignal', value, false, invalid);
}

/**
 * Whether a value is a Uint8Array, Node's Buffer included. It also looks at the tag: test runners that use `vm`
 * contexts pass arrays of another realm.
 */
export function isUint8Array(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]';
}
