/** Every byte as two upper-case hex digits. */
export const HEX_BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => hexNumber(byte, 2));

/** Formats each byte as two upper-case hex digits, without separators. */
export function hexBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX_BYTES[byte] as string;
  return text;
}

/** Formats a number as at least `digits` upper-case hex digits. */
export function hexNumber(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** Formats an identifier of 11 or 29 bits as can-utils does: with 3 or 8 digits. */
export function hexIdentifier(bits: 11 | 29, identifier: number): string {
  return hexNumber(identifier, bits === 11 ? 3 : 8);
}
