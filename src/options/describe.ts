/** Longest piece of a caller's text that an error message repeats, in UTF-16 units. */
const QUOTED_TEXT = 80;

/** What an error message calls a value: the value itself if it is short, otherwise its kind. */
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
