import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** What a failed system call was about, as far as the caller knows it. */
export interface SystemErrorContext {
  /** Name of the network interface concerned. */
  readonly interface?: string | undefined;
  /** What the user can do about it, one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A failed system call, in the form of Node's own system errors.
 *
 * `code` is the stable name (`'ENODEV'`), `errno` the negative error number, `syscall` the C
 * function that failed.
 */
export interface SystemError extends Error {
  /** The error's name: `'ENODEV'`. */
  code: string;
  /** The negative error number: -19. */
  errno: number;
  /** The C function that failed: `'bind'`. */
  syscall: string;
  /** The network interface concerned. */
  interface?: string;
  /** What can be done about it, where that is known. */
  hint?: string;
}

/** Names of the positive error numbers. os.constants lacks what POSIX lacks; these two come from asm-generic/errno.h. */
const names = new Map<number, string>([
  [77, 'EBADFD'],
  [119, 'ENAVAIL'],
]);
for (const [name, number] of Object.entries(constants.errno)) {
  // EWOULDBLOCK and EOPNOTSUPP share numbers with EAGAIN and ENOTSUP: the kernel's documentation uses these.
  if (!names.has(number) || name === 'EAGAIN' || name === 'EOPNOTSUPP') names.set(number, name);
}

/** Texts for numbers libuv does not know. */
const texts: Readonly<Record<string, string>> = {
  EBADFD: 'file descriptor in bad state',
  ENAVAIL: 'no such object available',
  ENETRESET: 'network dropped connection because of reset',
  ENOLINK: 'link has been severed',
};

/** The name of a positive error number: `errorName(19) === 'ENODEV'`. */
export function errorName(errno: number): string {
  return names.get(errno) ?? `E${String(errno)}`;
}

/**
 * Builds a Node-shaped error from what a system call returned.
 *
 * @param result the negative error number the call returned
 * @param syscall the C function's name
 */
export function systemError(result: number, syscall: string, context: SystemErrorContext = {}): SystemError {
  const code = errorName(-result);
  const text = getSystemErrorMap().get(result)?.[1] ?? texts[code] ?? 'unknown error';
  const about = context.interface === undefined ? '' : ` '${context.interface}'`;
  const advice = context.hint === undefined ? '' : ` (${context.hint})`;
  const error = new Error(
    `${code}: ${text}, ${syscall}${about}${advice}`,
    context.cause === undefined ? undefined : { cause: context.cause },
  );
  Error.captureStackTrace(error, systemError);
  return Object.assign(error, {
    code,
    errno: result,
    syscall,
    ...(context.interface === undefined ? {} : { interface: context.interface }),
    ...(context.hint === undefined ? {} : { hint: context.hint }),
  });
}

/**
 * Passes the result of a system call through, or throws it.
 *
 * @throws {SystemError} when `result` is negative
 */
export function check(result: number, syscall: string, context?: SystemErrorContext): number {
  if (result < 0) throw systemError(result, syscall, context);
  return result;
}
