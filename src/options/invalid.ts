import type { SocketCANErrorCode } from '../errors';

/** Makes the errors for one kind of argument: its type is wrong, or its value is out of range. */
export interface Invalid {
  readonly type: (message: string) => TypeError & Coded;
  readonly range: (message: string) => RangeError & Coded;
}

interface Coded {
  /** The name of the error for programs; each one is a heading in docs/errors.md. */
  readonly code: SocketCANErrorCode;
}

function invalid(code: SocketCANErrorCode): Invalid {
  // The stack begins at the line that gave the value, not at the line that made the error.
  const type = (message: string): TypeError & Coded => coded(new TypeError(message), code, type);
  const range = (message: string): RangeError & Coded => coded(new RangeError(message), code, range);
  return { type, range };
}

function coded<E extends Error>(error: E, code: SocketCANErrorCode, maker: (message: string) => E): E & Coded {
  Error.captureStackTrace(error, maker);
  return Object.assign(error, { code });
}

export const INVALID_FILTER = invalid('ERR_SOCKETCAN_INVALID_FILTER');
export const INVALID_FRAME = invalid('ERR_SOCKETCAN_INVALID_FRAME');
export const INVALID_MTU = invalid('ERR_SOCKETCAN_INVALID_MTU');
export const INVALID_NAME = invalid('ERR_SOCKETCAN_INVALID_NAME');
export const INVALID_OPTION = invalid('ERR_SOCKETCAN_INVALID_OPTION');
