/** An error of this library: `code` is its name for programs, the message is for people. */
type Coded<E extends Error> = E & { readonly code: string };

/** The two errors one kind of argument can earn: a value out of range, or not even of the right type. */
export interface Invalid {
  readonly range: (message: string) => RangeError;
  readonly type: (message: string) => TypeError;
}

function coded<E extends Error>(error: E, code: string, maker: (message: string) => E): Coded<E> {
  // The reader of a stack wants the line that gave the bad value, not the line that built the error.
  Error.captureStackTrace(error, maker);
  return Object.assign(error, { code });
}

/** A RangeError with code `ERR_SOCKETCAN_INVALID_FRAME`. */
export function invalidFrame(message: string): Coded<RangeError> {
  return coded(new RangeError(message), 'ERR_SOCKETCAN_INVALID_FRAME', invalidFrame);
}

/** A TypeError with code `ERR_SOCKETCAN_INVALID_FRAME`. */
export function invalidFrameType(message: string): Coded<TypeError> {
  return coded(new TypeError(message), 'ERR_SOCKETCAN_INVALID_FRAME', invalidFrameType);
}

/** A RangeError with code `ERR_SOCKETCAN_INVALID_FILTER`. */
export function invalidFilter(message: string): Coded<RangeError> {
  return coded(new RangeError(message), 'ERR_SOCKETCAN_INVALID_FILTER', invalidFilter);
}

/** A TypeError with code `ERR_SOCKETCAN_INVALID_FILTER`. */
export function invalidFilterType(message: string): Coded<TypeError> {
  return coded(new TypeError(message), 'ERR_SOCKETCAN_INVALID_FILTER', invalidFilterType);
}

/** A RangeError with code `ERR_SOCKETCAN_INVALID_OPTION`. */
function invalidOption(message: string): Coded<RangeError> {
  return coded(new RangeError(message), 'ERR_SOCKETCAN_INVALID_OPTION', invalidOption);
}

/** A TypeError with code `ERR_SOCKETCAN_INVALID_OPTION`. */
function invalidOptionType(message: string): Coded<TypeError> {
  return coded(new TypeError(message), 'ERR_SOCKETCAN_INVALID_OPTION', invalidOptionType);
}

export const INVALID_FRAME: Invalid = { range: invalidFrame, type: invalidFrameType };
export const INVALID_FILTER: Invalid = { range: invalidFilter, type: invalidFilterType };
export const INVALID_OPTION: Invalid = { range: invalidOption, type: invalidOptionType };
