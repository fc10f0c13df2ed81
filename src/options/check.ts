import { describe } from './describe';
import { INVALID_OPTION, type Invalid } from './invalid';

/*
 * These functions check every argument of a caller, once, where it enters the library. `what` is the subject of the
 * message ("The option limit"), `rule` describes the valid values. All messages read "WHAT must be RULE; found VALUE".
 * `invalid` gives the error its code.
 */

/** Creates the error for an invalid value: a TypeError if the value has a wrong type, otherwise a RangeError. */
export function invalidValue(
  what: string,
  rule: string,
  value: unknown,
  rightType: boolean,
  invalid: Invalid = INVALID_OPTION,
): TypeError | RangeError {
  const message = `${what} must be ${rule}; found ${describe(value)}`;
  return rightType ? invalid.range(message) : invalid.type(message);
}

/** Returns the value if it is an integer from `least` to `most`, otherwise throws. */
export function checkInteger(
  what: string,
  value: unknown,
  least: number,
  most: number,
  invalid: Invalid = INVALID_OPTION,
): number {
  if (isInteger(value, least, most)) return value;
  throw invalidValue(what, `an integer from ${least} to ${most}`, value, typeof value === 'number', invalid);
}

/** Returns an identifier or a mask if it is an integer from 0 to `most`, otherwise throws with `most` in hex too. */
export function checkBits(what: string, value: unknown, most: number, invalid: Invalid = INVALID_OPTION): number {
  if (isInteger(value, 0, most)) return value;
  throw invalidValue(what, `an integer from 0 to ${describe(most)}`, value, typeof value === 'number', invalid);
}

function isInteger(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Returns the value if it is a boolean, otherwise throws. */
export function checkBoolean(what: string, value: unknown, invalid?: Invalid): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidValue(what, 'true or false', value, false, invalid);
}

/** Returns the value if it is a bigint, otherwise throws. */
export function checkBigint(what: string, value: unknown, invalid?: Invalid): bigint {
  if (typeof value === 'bigint') return value;
  throw invalidValue(what, 'a bigint', value, false, invalid);
}

/** Returns the value if it is a string, otherwise throws. */
export function checkString(what: string, value: unknown, invalid?: Invalid): string {
  if (typeof value === 'string') return value;
  throw invalidValue(what, 'a string', value, false, invalid);
}

/** Returns the value if it is one of the choices, otherwise throws. */
export function checkChoice<T extends string>(
  what: string,
  value: unknown,
  choices: readonly T[],
  invalid?: Invalid,
): T {
  if (choices.includes(value as T)) return value as T;
  throw invalidValue(what, describeChoices(choices), value, typeof value === 'string', invalid);
}

/** Lists choices for a rule: `'fifo' or 'priority'`, and from three on `one of 'drop', 'delay', 'reorder'`. */
function describeChoices(choices: readonly string[]): string {
  const quoted = choices.map((each) => `'${each}'`);
  return quoted.length > 2 ? `one of ${quoted.join(', ')}` : quoted.join(' or ');
}

/** Returns the value if it is a function, otherwise throws. */
export function checkFunction<T>(what: string, value: T, invalid?: Invalid): T {
  if (typeof value === 'function') return value;
  throw invalidValue(what, 'a function', value, false, invalid);
}

/** Returns the value if it is an object, otherwise throws. */
export function checkObject<T>(what: string, value: T, invalid?: Invalid, rule = 'an object'): T & object {
  if (typeof value === 'object' && value !== null) return value;
  throw invalidValue(what, rule, value, false, invalid);
}

/** Returns the value if it is an iterable object, otherwise throws. A string is not an object. */
export function checkIterable<T>(what: string, value: unknown, invalid?: Invalid, rule = 'iterable'): Iterable<T> {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) {
    return value as Iterable<T>;
  }
  throw invalidValue(what, rule, value, false, invalid);
}

/** Returns the value if it is an AbortSignal or undefined, otherwise throws. */
export function checkSignal(what: string, value: unknown, invalid?: Invalid): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw invalidValue(what, 'an AbortSignal', value, false, invalid);
}

/** Returns the value if it is a Uint8Array (a Buffer is one), otherwise throws. */
export function checkUint8Array(what: string, value: unknown, invalid?: Invalid): Uint8Array {
  if (isUint8Array(value)) return value;
  throw invalidValue(what, 'a Uint8Array', value, false, invalid);
}

/** Tests for a Uint8Array of any realm. Test runners that use `vm` contexts pass arrays of another realm. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]';
}
