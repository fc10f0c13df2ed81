import { checkDescriptor, checkLength } from './arguments';
import { libc, negativeErrno } from './bindings';
import { EINTR } from './errno';

/**
 * Repeats a call with the same arguments while signals interrupt it (EINTR). All functions of this folder that can
 * be interrupted use it, except close().
 */
export function retryInterrupted(call: () => number): number {
  let result: number;
  do result = negativeErrno(call());
  while (result === -EINTR);
  return result;
}

/** read(2). Returns the number of bytes read, or a negative error number. */
export function read(fd: number, data: Uint8Array): number {
  checkDescriptor(fd);
  return retryInterrupted(() => libc().read(fd, data, data.byteLength));
}

/** write(2). Returns the number of bytes written, or a negative error number. */
export function write(fd: number, data: Uint8Array, length = data.byteLength): number {
  checkDescriptor(fd);
  checkLength('The length to write', length, data.byteLength);
  return retryInterrupted(() => libc().write(fd, data, length));
}

/**
 * close(2). Returns 0 or a negative error number. It is not repeated after EINTR: Linux has already freed the
 * descriptor, and another thread may own the same number by now.
 */
export function close(fd: number): number {
  return negativeErrno(libc().close(checkDescriptor(fd)));
}

/** ioctl(2) with a struct as its argument. Returns 0 or more, or a negative error number. */
export function ioctl(fd: number, request: number, argument: Uint8Array): number {
  checkDescriptor(fd);
  return retryInterrupted(() => libc().ioctl(fd, request, argument));
}
