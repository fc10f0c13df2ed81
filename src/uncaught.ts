/**
 * Throws an error outside the running code, as an uncaught exception. Exceptions in a user's listener go this way: the
 * process handles them like any other, and they do not stop the code that called the listener.
 */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error as Error;
  });
}
