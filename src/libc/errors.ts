import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { EBADFD, ENAVAIL } from './errno';

/** Details that the caller adds to the error of a system call. */
interface SystemErrorDetails {
  /** Name of the network interface. */
  readonly interface?: string | undefined;
  /** What the user can do about it, one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The error of a failed system call, in the form of Node's own system errors. */
export interface SystemError extends Error {
  /** Name of the error: `'ENODEV'`. */
  code: string;
  /** The negative error number: -19. */
  errno: number;
  /** Name of the C function that failed: `'bind'`. */
  syscall: string;
  /** Name of the network interface. */
  interface?: string;
  /** What you can do about it, if known. */
  hint?: string;
}

/** Names of the positive error numbers. os.constants has only those of POSIX and lacks these two. */
const names = new Map<number, string>(Object.entries({ EBADFD, ENAVAIL }).map(([name, number]) => [number, name]));
for (const [name, number] of Object.entries(constants.errno)) {
  // EWOULDBLOCK equals EAGAIN, and ENOTSUP equals EOPNOTSUPP. The man pages use EAGAIN and EOPNOTSUPP.
  if (!names.has(number) || name === 'EAGAIN' || name === 'EOPNOTSUPP') names.set(number, name);
}

/** Texts for the errors that libuv does not know. */
const texts: Readonly<Record<string, string>> = {
  EBADFD: 'file descriptor in bad state',
  ENAVAIL: 'no such object available',
  ENETRESET: 'network dropped connection because of reset',
  ENOLINK: 'link has been severed',
};

/** Returns the name of a positive error number: `errorName(19) === 'ENODEV'`. */
export function errorName(errno: number): string {
  return names.get(errno) ?? `E${String(errno)}`;
}

/**
 * Creates the error for the result of a system call.
 *
 * @param result the negative error number that the call returned
 * @param syscall the name of the C function
 */
export function systemError(result: number, syscall: string, details: SystemErrorDetails = {}): SystemError {
  const code = errorName(-result);
  const text = getSystemErrorMap().get(result)?.[1] ?? texts[code] ?? 'unknown error';
  const subject = details.interface === undefined ? '' : ` '${details.interface}'`;
  const advice = details.hint === undefined ? '' : ` (${details.hint})`;
  const error = new Error(
    `${code}: ${text}, ${syscall}${subject}${advice}`,
    details.cause === undefined ? undefined : { cause: details.cause },
  );
  Error.captureStackTrace(error, systemError);
  return Object.assign(error, {
    code,
    errno: result,
    syscall,
    ...(details.interface === undefined ? {} : { interface: details.interface }),
    ...(details.hint === undefined ? {} : { hint: details.hint }),
  });
}

/**
 * Returns the result of a system call if it is not an error.
 *
 * @throws {SystemError} if `result` is negative
 */
export function check(result: number, syscall: string, details?: SystemErrorDetails): number {
  if (result < 0) throw systemError(result, syscall, details);
  return result;
}
