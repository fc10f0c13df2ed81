/** Longest part of a caller's text that an error message quotes, in UTF-16 units. */
const MAX_QUOTE = 80;

/** Describes a value for an error message: the value itself if it is short, otherwise its beginning or its type. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > MAX_QUOTE
        ? `${JSON.stringify(value.slice(0, MAX_QUOTE))}... (${value.length} characters)`
        : JSON.stringify(value);
    case 'number':
      return describeNumber(value);
    case 'bigint': {
      const digits = value.toString();
      return digits.length > MAX_QUOTE ? `${digits.slice(0, MAX_QUOTE)}... (${digits.length} digits)` : `${digits}n`;
    }
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

/** Integers above 9 also in hex, because identifiers and masks are usually written in hex. */
function describeNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isSafeInteger(value) && value > 9 ? `${value} (0x${value.toString(16).toUpperCase()})` : `${value}`;
}

function describeObject(value: object): string {
  const type = typeName(value);
  if (type === 'Array') return 'an array';
  if (type === undefined || type === 'Object') return 'an object';
  return `${/^[AEIO]/.test(type) ? 'an' : 'a'} ${type}`;
}

/** The name of a class like Date or Uint16Array; undefined if the object gives no usable name. */
function typeName(value: object): string | undefined {
  try {
    return /^\[object (\w{1,40})\]$/.exec(Object.prototype.toString.call(value))?.[1];
  } catch {
    return undefined; // A revoked proxy throws.
  }
}
