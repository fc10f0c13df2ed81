import { checkInt } from './arguments';
import { libc, negativeErrno } from './bindings';
import { read, write } from './file';

/** The 64-bit value 1, which write(2) adds to the counter. */
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const count = new Uint8Array(8);

/** eventfd(2). Returns a descriptor, or a negative error number. */
export function eventfd(initial: number, flags: number): number {
  checkInt('The initial count', initial, 0);
  checkInt('The flags', flags, 0);
  return negativeErrno(libc().eventfd(initial, flags));
}

/** Makes an eventfd readable. The result does not matter: a full one is readable as well. */
export function post(fd: number): void {
  write(fd, ONE);
}

/** Makes a non-blocking eventfd unreadable until the next {@link post}. */
export function clear(fd: number): void {
  read(fd, count);
}
