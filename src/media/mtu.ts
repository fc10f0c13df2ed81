import { invalidValue } from '../options/check';
import { INVALID_MTU } from '../options/invalid';

/** Valid MTUs of a media, in bytes of payload: 8 is classic CAN, the others are CAN FD. */
export const VALID_MTU_SET: ReadonlySet<number> = new Set([8, 12, 16, 20, 24, 32, 48, 64]);

/** Returns the value if it is a valid MTU. @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_MTU` */
export function checkMTU(mtu: unknown): number {
  if (VALID_MTU_SET.has(mtu as number)) return mtu as number;
  const rule = [...VALID_MTU_SET].join(', ').replace(/, (\d+)$/, ' or $1');
  throw invalidValue('The MTU', rule, mtu, typeof mtu === 'number', INVALID_MTU);
}
