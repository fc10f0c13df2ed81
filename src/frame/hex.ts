import { FrameFormat } from './format';

const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => hexNumber(byte, 2));

/** Formats each byte as two upper-case hex digits, without separators. */
export function hexBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += BYTES[byte] as string;
  return text;
}

/** Formats a number as at least `digits` upper-case hex digits. */
export function hexNumber(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** Formats an identifier as can-utils does: 3 digits for a base frame, 8 for an extended one. */
export function hexIdentifier(format: FrameFormat, identifier: number): string {
  return hexNumber(identifier, format === FrameFormat.Base ? 3 : 8);
}
