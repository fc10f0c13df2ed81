import type { SendResult } from './send-result';

/** The library's own error codes; each is a heading in docs/errors.md. */
export type SocketCANErrorCode =
  | 'ERR_SOCKETCAN_ALREADY_STARTED'
  | 'ERR_SOCKETCAN_CLOSED'
  | 'ERR_SOCKETCAN_CONFIGURATION'
  | 'ERR_SOCKETCAN_HANDLER'
  | 'ERR_SOCKETCAN_INVALID_FILTER'
  | 'ERR_SOCKETCAN_INVALID_FRAME'
  | 'ERR_SOCKETCAN_INVALID_MTU'
  | 'ERR_SOCKETCAN_INVALID_NAME'
  | 'ERR_SOCKETCAN_INVALID_OPTION'
  | 'ERR_SOCKETCAN_UNSUPPORTED';

/** An error this library raises itself; what the system refuses has the system's code instead. */
export class SocketCANError extends Error {
  /** What is wrong, by a name that stays: the one to branch by. */
  readonly code: SocketCANErrorCode;
  /** The network interface concerned. */
  declare readonly interface?: string;
  /** For a send: how many of its frames had been handed to the kernel before. */
  declare readonly sent?: number;
  /** For a send: what became of all of its frames. */
  declare readonly result?: SendResult;

  constructor(
    code: SocketCANErrorCode,
    message: string,
    details: {
      readonly cause?: unknown;
      readonly interface?: string;
      readonly sent?: number;
      readonly result?: SendResult;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SocketCANError';
    this.code = code;
    if (details.interface !== undefined) this.interface = details.interface;
    if (details.sent !== undefined) this.sent = details.sent;
    if (details.result !== undefined) this.result = details.result;
  }
}

/** A wrong argument, with a code: the class tells whether its type (TypeError) or its value (RangeError) is wrong. */
export function invalidArgument<E extends TypeError | RangeError>(
  error: E,
  code: SocketCANErrorCode,
): E & { readonly code: SocketCANErrorCode } {
  Error.captureStackTrace(error, invalidArgument);
  return Object.assign(error, { code });
}
