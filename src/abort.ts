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
