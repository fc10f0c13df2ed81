/** The callbacks of each signal. A signal has one listener, however many sends share it. */
const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls a function once when a signal is aborted. Returns a function that cancels this. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => undefined;
  const callbacks = callbacksOf.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || callbacksOf.get(signal) !== callbacks) return;
    callbacksOf.delete(signal);
    signal.removeEventListener('abort', runCallbacks);
  };
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  callbacksOf.set(signal, callbacks);
  signal.addEventListener('abort', runCallbacks);
  return callbacks;
}

function runCallbacks(this: AbortSignal): void {
  const callbacks = callbacksOf.get(this) ?? [];
  callbacksOf.delete(this);
  this.removeEventListener('abort', runCallbacks);
  for (const callback of callbacks) callback();
}

/**
 * Creates the error of a call that its AbortSignal ended. It has the form of Node's own errors: name `AbortError`, code
 * `ABORT_ERR`, and the reason of the signal as its cause.
 */
export function abortError<T extends object>(signal: AbortSignal, details: T): Error & T {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  Error.captureStackTrace(error, abortError);
  error.name = 'AbortError';
  return Object.assign(error, { code: 'ABORT_ERR', ...details });
}
