import { integer } from './arguments';
import { libc, negated } from './bindings';
import { read, write } from './file';

/** One, as the eight bytes an eventfd takes. */
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const count = new Uint8Array(8);

/** eventfd(2). Returns a descriptor, or a negative error number. */
export function eventfd(initial: number, flags: number): number {
  integer(initial, 'The initial count', 0);
  integer(flags, 'The flags', 0);
  return negated(libc().eventfd(initial, flags));
}

/** Makes an eventfd readable. Any result is fine: one that is full is readable, too. */
export function post(fd: number): void {
  write(fd, ONE);
}

/** Makes an eventfd that does not block unreadable, until it is posted again. */
export function clear(fd: number): void {
  read(fd, count);
}
