import { checkDescriptor, checkInt } from './arguments';
import { libc, negativeErrno } from './bindings';

/** socket(2). Returns a descriptor, or a negative error number. */
export function socket(domain: number, type: number, protocol: number): number {
  checkInt('The address family', domain, 0);
  checkInt('The socket type', type, 0);
  checkInt('The protocol', protocol, 0);
  return negativeErrno(libc().socket(domain, type, protocol));
}

/** socketpair(2). Returns two descriptors, or a negative error number. */
export function socketpair(domain: number, type: number, protocol: number): readonly [number, number] | number {
  checkInt('The address family', domain, 0);
  checkInt('The socket type', type, 0);
  checkInt('The protocol', protocol, 0);
  const pair = new Int32Array(2);
  const result = negativeErrno(libc().socketpair(domain, type, protocol, new Uint8Array(pair.buffer)));
  return result < 0 ? result : [pair[0] as number, pair[1] as number];
}

/** bind(2). Returns 0 or a negative error number. */
export function bind(fd: number, address: Uint8Array): number {
  return negativeErrno(libc().bind(checkDescriptor(fd), address, address.byteLength));
}

/** setsockopt(2) with any value. An empty value is passed as NULL with length 0. */
export function setsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  checkDescriptor(fd);
  checkInt('The option level', level, 0);
  checkInt('The option', name, 0);
  const length = value.byteLength;
  return negativeErrno(libc().setsockopt(fd, level, name, length === 0 ? null : value, length));
}

/** setsockopt(2) with an int. Returns 0 or a negative error number. */
export function setsockoptInt(fd: number, level: number, name: number, value: number): number {
  const int = new Int32Array([checkInt('The option value', value)]);
  return setsockopt(fd, level, name, new Uint8Array(int.buffer));
}

/** getsockopt(2) into `value`. Returns the number of bytes written to it, or a negative error number. */
export function getsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  checkDescriptor(fd);
  checkInt('The option level', level, 0);
  checkInt('The option', name, 0);
  const length = new Uint32Array([value.byteLength]);
  const result = negativeErrno(libc().getsockopt(fd, level, name, value, new Uint8Array(length.buffer)));
  return result < 0 ? result : (length[0] as number);
}

/**
 * getsockopt(2) of an int option that is never negative (SO_ERROR, SO_RCVBUF, ...). Returns its value, or a negative
 * error number.
 */
export function getsockoptInt(fd: number, level: number, name: number): number {
  const int = new Int32Array(1);
  const result = getsockopt(fd, level, name, new Uint8Array(int.buffer));
  return result < 0 ? result : (int[0] as number);
}
