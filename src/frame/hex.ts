import { FrameFormat } from './format';

const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);

/** Two upper-case hex digits a byte, nothing between them. */
export function hexBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += BYTES[byte] as string;
  return text;
}

/** The number in at least `digits` upper-case hex digits. */
export function hexNumber(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** The identifier as can-utils writes it: 3 digits for a base frame, 8 for an extended one. */
export function hexIdentifier(format: FrameFormat, identifier: number): string {
  return hexNumber(identifier, format === FrameFormat.Base ? 3 : 8);
}
