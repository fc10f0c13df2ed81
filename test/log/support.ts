import * as fc from 'fast-check';
import type { LogRecord } from '../../src/log/record';
import { anyFrame } from '../frame/support';

export const CODE = 'ERR_SOCKETCAN_INVALID_FRAME';

/** Any valid record. */
export const record: fc.Arbitrary<LogRecord> = fc
  .tuple(
    fc.bigInt(0n, 2n ** 63n),
    fc.constantFrom('can0', 'virtual:bus', 'дом0', 'can🚗'),
    anyFrame,
    fc.constantFrom('rx' as const, 'tx' as const, undefined),
  )
  .map(([systemNs, interfaceName, frame, direction]) => {
    const given = { systemNs, interfaceName, frame };
    return direction === undefined ? given : { ...given, direction };
  });

/** Collects all items. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Returns the error that ends an iteration. */
export async function failure(items: AsyncIterable<unknown>): Promise<Error> {
  try {
    await all(items);
  } catch (error) {
    return error as Error;
  }
  throw new Error('The iteration did not fail');
}
