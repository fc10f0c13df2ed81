import { held, type Held } from '../asserts/loop-delay';
import { FULL } from '../processes/nodes';

/**
 * Runs a body and measures how long it takes. At full length it also measures how long the event loop is
 * held, which takes twice the time. Both are for the table: they depend on the machine.
 */
export async function measured<T>(body: () => Promise<T>): Promise<Held<T>> {
  if (FULL) return held(body);
  const begin = process.hrtime.bigint();
  const value = await body();
  const tookMs = Number(process.hrtime.bigint() - begin) / 1e6;
  return { value, tookMs, loop: 'loop not measured' };
}
