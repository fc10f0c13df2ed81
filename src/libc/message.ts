import { checkDescriptor, checkInt, checkLength } from './arguments';
import { libc } from './bindings';
import { retryInterrupted } from './file';
import { host } from './layouts';
import type { Memory } from './memory';

const HEADER = host.mmsghdr.size;

/*
 * The caller must keep all memory that a message header points to referenced until the call returns, and it must be
 * as large as the header says: a receive that faults (EFAULT) loses the packet.
 */

/** Returns the address of the mmsghdrs `first` to `first + count - 1` of an array of them. */
function headersAt(messages: Memory, first: number, count: number): bigint {
  const start = checkInt('The first header', first, 0) * HEADER;
  const end = start + checkInt('The number of headers', count, 1) * HEADER;
  checkLength('The end of the headers', end, messages.bytes.byteLength);
  return start === 0 ? messages.address : messages.address + BigInt(start);
}

/**
 * recvmmsg(2) without timeout, into `count` headers from `first` on. Returns the number of packets received, or a
 * negative error number. Pass MSG_DONTWAIT, otherwise it blocks.
 */
export function recvmmsg(fd: number, messages: Memory, first: number, count: number, flags: number): number {
  checkDescriptor(fd);
  const headers = headersAt(messages, first, count);
  checkInt('The flags', flags, 0);
  return retryInterrupted(() => libc().recvmmsg(fd, headers, count, flags, null));
}

/** sendto(2) without an address. Returns the number of bytes sent, or a negative error number. */
export function sendto(fd: number, data: Uint8Array, flags: number): number {
  checkDescriptor(fd);
  checkInt('The flags', flags, 0);
  return retryInterrupted(() => libc().sendto(fd, data, data.byteLength, flags, null, 0));
}

/** send(2) of the first `length` bytes of a memory. Returns the number of bytes sent, or a negative error number. */
export function send(fd: number, data: Memory, length: number, flags: number): number {
  checkDescriptor(fd);
  checkLength('The length to send', length, data.bytes.byteLength);
  checkInt('The flags', flags, 0);
  return retryInterrupted(() => libc().send(fd, data.address, length, flags));
}

/**
 * sendmmsg(2) of `count` headers from `first` on. Returns the number of packets that the kernel accepted, or a
 * negative error number if it refused the first. If it refuses a later one, only the next call returns the error.
 */
export function sendmmsg(fd: number, messages: Memory, first: number, count: number, flags: number): number {
  checkDescriptor(fd);
  const headers = headersAt(messages, first, count);
  checkInt('The flags', flags, 0);
  return retryInterrupted(() => libc().sendmmsg(fd, headers, count, flags));
}

/** The call that sends this many packets, as errors name it. For one packet, send(2) is faster than sendmmsg(2). */
export function sendSyscall(count: number): 'send' | 'sendmmsg' {
  return count > 1 ? 'sendmmsg' : 'send';
}
