import type { SocketCANErrorCode } from '../errors';

/** Creates the errors for one kind of argument. */
export interface Invalid {
  /** The value has a wrong type. */
  readonly type: (message: string) => TypeError;
  /** The value has the right type, but is out of range. */
  readonly range: (message: string) => RangeError;
}

interface Coded {
  /** Identifies the error for programs. Each code has a heading in docs/errors.md. */
  readonly code: SocketCANErrorCode;
}

function errorsWith(code: SocketCANErrorCode): Invalid {
  const type = (message: string): TypeError & Coded => coded(new TypeError(message), code, type);
  const range = (message: string): RangeError & Coded => coded(new RangeError(message), code, range);
  return { type, range };
}

/** Adds the code and removes `type` or `range` from the stack. */
function coded<E extends Error>(error: E, code: SocketCANErrorCode, creator: (message: string) => E): E & Coded {
  Error.captureStackTrace(error, creator);
  return Object.assign(error, { code });
}

export const INVALID_FILTER = errorsWith('ERR_SOCKETCAN_INVALID_FILTER');
export const INVALID_FRAME = errorsWith('ERR_SOCKETCAN_INVALID_FRAME');
export const INVALID_MTU = errorsWith('ERR_SOCKETCAN_INVALID_MTU');
export const INVALID_NAME = errorsWith('ERR_SOCKETCAN_INVALID_NAME');
export const INVALID_OPTION = errorsWith('ERR_SOCKETCAN_INVALID_OPTION');
