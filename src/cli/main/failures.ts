/** The command line is wrong. The message names the value and what would be right. Exit code 2. */
export class UsageError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UsageError';
  }
}

/** The command failed while it ran. The user sees only the message. Exit code 1. */
export class Failure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
  }
}

/** What ended the command early. It is the reason of the terminal's signal. */
export class Interrupted extends Error {
  readonly by: 'SIGINT' | 'SIGTERM' | 'EPIPE';
  constructor(by: 'SIGINT' | 'SIGTERM' | 'EPIPE') {
    super(`interrupted by ${by}`);
    this.name = 'Interrupted';
    this.by = by;
  }
}

/** Whether an error is an AbortError. The reason of the signal then says why. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ABORT_ERR';
}
