import type { Invalid } from './invalid';

/** Longest piece of a caller's text that an error message repeats, in UTF-16 units. */
const QUOTED_TEXT = 80;

/** What an error message calls a value: the value itself where that is short, else its kind. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > QUOTED_TEXT
        ? `${JSON.stringify(value.slice(0, QUOTED_TEXT))}... (${value.length} characters)`
        : JSON.stringify(value);
    case 'number':
      return Number.isInteger(value) && value > 9
        ? `${value} (0x${value.toString(16).toUpperCase()})`
        : Object.is(value, -0)
          ? '-0'
          : `${value}`;
    case 'bigint':
      return `${value.toString()}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : Object.prototype.toString.call(value);
    default:
      return `a ${typeof value}`;
  }
}

/** Throws unless the value is an integer in [least, most]. */
export function checkInteger(
  what: string,
  value: unknown,
  least: number,
  most: number,
  invalid: Invalid,
): void {
  if (typeof value !== 'number') {
    throw invalid.type(
      `${what} must be a number, an integer from ${least} to ${describe(most)}; found ${describe(value)}`,
    );
  }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalid.range(
      `${what} must be an integer from ${least} to ${describe(most)}; found ${describe(value)}`,
    );
  }
}

/**
 * True of every Uint8Array, Node's Buffer included. It asks for the tag, too, and not only `instanceof`: test
 * runners that use `vm` contexts hand in arrays of another realm, and those are good bytes too.
 */
export function isUint8Array(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]'
  );
}
