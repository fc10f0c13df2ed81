/**
 * Throws an error outside the running code, as an uncaught exception. Exceptions in a user's listener go this way: the
 * process handles them like any other, and they do not stop the code that called the listener.
 */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error as Error;
  });
}

/** Calls a listener. Its exception becomes an uncaught exception, and the caller goes on. */
export function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    throwUncaught(error);
  }
}
