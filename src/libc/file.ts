import { EINTR } from './errno';
import { descriptor, within } from './arguments';
import { libc, negated } from './bindings';

/**
 * EINTR rule of this folder: a call that a signal interrupted is made again, with its arguments as
 * they were. close() is the exception, see there.
 */
export function restarted(call: () => number): number {
  let result: number;
  do result = negated(call());
  while (result === -EINTR);
  return result;
}

/** read(2). Returns bytes read, or a negative error number. */
export function read(fd: number, data: Uint8Array): number {
  descriptor(fd);
  return restarted(() => libc().read(fd, data, data.byteLength));
}

/** write(2). Returns bytes written, or a negative error number. */
export function write(fd: number, data: Uint8Array, length = data.byteLength): number {
  descriptor(fd);
  within(length, data.byteLength, 'The length to write');
  return restarted(() => libc().write(fd, data, length));
}

/**
 * close(2). Returns 0, or a negative error number. Never repeated after EINTR: Linux has freed the
 * number by then, and another thread may already own it.
 */
export function close(fd: number): number {
  return negated(libc().close(descriptor(fd)));
}

/** ioctl(2) with a struct as its argument. Returns 0 or more, or a negative error number. */
export function ioctl(fd: number, request: number, argument: Uint8Array): number {
  descriptor(fd);
  return restarted(() => libc().ioctl(fd, request, argument));
}
