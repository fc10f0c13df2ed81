import { descriptor, integer } from './arguments';
import { libc, negated } from './bindings';
import { restarted } from './file';

/** socket(2). Returns a descriptor, or a negative error number. */
export function socket(domain: number, type: number, protocol: number): number {
  integer(domain, 'The address family', 0);
  integer(type, 'The socket type', 0);
  integer(protocol, 'The protocol', 0);
  return negated(libc().socket(domain, type, protocol));
}

/** socketpair(2). Returns two descriptors, or a negative error number. */
export function socketpair(domain: number, type: number, protocol: number): readonly [number, number] | number {
  integer(domain, 'The address family', 0);
  integer(type, 'The socket type', 0);
  integer(protocol, 'The protocol', 0);
  const pair = new Int32Array(2);
  const result = negated(libc().socketpair(domain, type, protocol, new Uint8Array(pair.buffer)));
  return result < 0 ? result : [pair[0] as number, pair[1] as number];
}

/** bind(2). Returns 0, or a negative error number. */
export function bind(fd: number, address: Uint8Array): number {
  return negated(libc().bind(descriptor(fd), address, address.byteLength));
}

/** setsockopt(2) with any value; an empty one is handed over as NULL with length 0. */
export function setsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  descriptor(fd);
  integer(level, 'The option level', 0);
  integer(name, 'The option', 0);
  const length = value.byteLength;
  return negated(libc().setsockopt(fd, level, name, length === 0 ? null : value, length));
}

/** setsockopt(2) with an int. Returns 0, or a negative error number. */
export function setsockoptInt(fd: number, level: number, name: number, value: number): number {
  const int = new Int32Array([integer(value, 'The option value')]);
  return setsockopt(fd, level, name, new Uint8Array(int.buffer));
}

/** getsockopt(2) into `value`. Returns the number of bytes written to it, or a negative error number. */
export function getsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  descriptor(fd);
  integer(level, 'The option level', 0);
  integer(name, 'The option', 0);
  const length = new Uint32Array([value.byteLength]);
  const result = negated(libc().getsockopt(fd, level, name, value, new Uint8Array(length.buffer)));
  return result < 0 ? result : (length[0] as number);
}

/**
 * getsockopt(2) of an int option whose values are never negative (SO_ERROR, SO_RCVBUF, ...).
 * Returns it, or a negative error number.
 */
export function getsockoptInt(fd: number, level: number, name: number): number {
  const int = new Int32Array(1);
  const result = getsockopt(fd, level, name, new Uint8Array(int.buffer));
  return result < 0 ? result : (int[0] as number);
}

/** getsockname(2) into `address`. Returns the address's true length in bytes, or a negative error number. */
export function getsockname(fd: number, address: Uint8Array): number {
  descriptor(fd);
  const length = new Uint32Array([address.byteLength]);
  const result = restarted(() => libc().getsockname(fd, address, new Uint8Array(length.buffer)));
  return result < 0 ? result : (length[0] as number);
}
