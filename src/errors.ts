import type { SendResult } from './send-result';

/** The error codes of this library. docs/errors.md has a heading for each. */
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

/** An error that this library detects. Errors of the system are `SystemError`s. */
export class SocketCANError extends Error {
  /** Identifies the error. Codes never change, so programs should test this and not the message. */
  readonly code: SocketCANErrorCode;
  /** Name of the network interface. */
  declare readonly interface?: string;
  /** After a failed send: the number of frames that the kernel had already accepted. */
  declare readonly sent?: number;
  /** After a failed send: the result for all its frames. */
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
