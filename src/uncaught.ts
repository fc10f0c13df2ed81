/**
 * Throws an error outside of the running code, as an uncaught exception. An exception in a user's listener goes this
 * way: the process handles it as it handles any other, and it does not stop the work that called the listener.
 */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error as Error;
  });
}
