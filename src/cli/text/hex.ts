import type { DataFrame, RemoteFrame } from '../../index';

/** Bytes as upper-case hex digits, two for each byte. */
export function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

/** The identifier as can-utils writes it: 3 hex digits for a base frame, 8 for an extended one. */
export function identifierText({ format, identifier }: DataFrame | RemoteFrame): string {
  return identifier
    .toString(16)
    .toUpperCase()
    .padStart(format === 11 ? 3 : 8, '0');
}
