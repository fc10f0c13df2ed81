/** What is to be done when a signal is aborted. One listener a signal: a hundred sends may share one. */
const watched = new WeakMap<AbortSignal, Set<() => void>>();

/** Has a function called when a signal is aborted, once; what it returns takes that back. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => undefined;
  const callbacks = watched.get(signal) ?? watch(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || watched.get(signal) !== callbacks) return;
    watched.delete(signal);
    signal.removeEventListener('abort', run);
  };
}

function watch(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  watched.set(signal, callbacks);
  signal.addEventListener('abort', run);
  return callbacks;
}

function run(this: AbortSignal): void {
  const callbacks = watched.get(this) ?? [];
  watched.delete(this);
  this.removeEventListener('abort', run);
  for (const callback of callbacks) callback();
}

/**
 * What a call is rejected with that its AbortSignal ended, as Node's own are: name `AbortError`, code
 * `ABORT_ERR`, the signal's reason as its cause.
 */
export function abortError<T extends object>(signal: AbortSignal, details: T): Error & T {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  Error.captureStackTrace(error, abortError);
  error.name = 'AbortError';
  return Object.assign(error, { code: 'ABORT_ERR', ...details });
}
