import { expect } from 'chai';

/** What the call throws; a call that throws nothing fails the test. */
export function thrown(call: () => unknown): Error & Record<string, unknown> {
  try {
    call();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  return expect.fail('nothing was thrown');
}

/** What the promise is rejected with; one that resolves fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (outcome === undefined) return expect.fail('the promise was not rejected');
  return outcome.error as Error & Record<string, unknown>;
}

/** A value of a type the compiler would refuse, as a user without types might pass it. */
export function wrong(value: unknown): never {
  return value as never;
}
