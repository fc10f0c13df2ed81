import { descriptor, integer, within } from './arguments';
import { libc } from './bindings';
import { restarted } from './file';
import { host } from './layouts';
import type { Memory } from './memory';

const HEADER = host.mmsghdr.size;

/*
 * All memory a message header points to must be kept referenced by the caller until the call
 * returns, and be as large as the header says: a receive that faults (EFAULT) has lost the packet.
 */

/** The address of `count` mmsghdrs from `first` on, which lie in the memory. */
function headersAt(messages: Memory, first: number, count: number): bigint {
  const start = integer(first, 'The first header', 0) * HEADER;
  const end = start + integer(count, 'The number of headers', 1) * HEADER;
  within(end, messages.bytes.byteLength, 'The end of the headers');
  return start === 0 ? messages.address : messages.address + BigInt(start);
}

/** recvmsg(2). Returns the packet's bytes, or a negative error number. */
export function recvmsg(fd: number, message: Uint8Array, flags: number): number {
  descriptor(fd);
  within(host.msghdr.size, message.byteLength, 'The size of a msghdr');
  integer(flags, 'The flags', 0);
  return restarted(() => libc().recvmsg(fd, message, flags));
}

/**
 * recvmmsg(2) without timeout, into `count` headers from `first` on. Returns how many were filled,
 * or a negative error number. Never blocks longer than `flags` allow: pass MSG_DONTWAIT.
 */
export function recvmmsg(fd: number, messages: Memory, first: number, count: number, flags: number): number {
  descriptor(fd);
  const headers = headersAt(messages, first, count);
  integer(flags, 'The flags', 0);
  return restarted(() => libc().recvmmsg(fd, headers, count, flags, null));
}

/** sendto(2). Returns bytes sent, or a negative error number. */
export function sendto(fd: number, data: Uint8Array, flags: number, address: Uint8Array | null = null): number {
  descriptor(fd);
  integer(flags, 'The flags', 0);
  return restarted(() => libc().sendto(fd, data, data.byteLength, flags, address, address?.byteLength ?? 0));
}

/** send(2) of the first `length` bytes of a memory. Returns bytes sent, or a negative error number. */
export function send(fd: number, data: Memory, length: number, flags: number): number {
  descriptor(fd);
  within(length, data.bytes.byteLength, 'The length to send');
  integer(flags, 'The flags', 0);
  return restarted(() => libc().send(fd, data.address, length, flags));
}

/** sendmsg(2). Returns bytes sent, or a negative error number. */
export function sendmsg(fd: number, message: Uint8Array, flags: number): number {
  descriptor(fd);
  within(host.msghdr.size, message.byteLength, 'The size of a msghdr');
  integer(flags, 'The flags', 0);
  return restarted(() => libc().sendmsg(fd, message, flags));
}

/**
 * sendmmsg(2) of `count` headers from `first` on. Returns how many packets were taken, or, when the first was
 * refused, a negative error number: an error further on shows only at the next call.
 */
export function sendmmsg(fd: number, messages: Memory, first: number, count: number, flags: number): number {
  descriptor(fd);
  const headers = headersAt(messages, first, count);
  integer(flags, 'The flags', 0);
  return restarted(() => libc().sendmmsg(fd, headers, count, flags));
}

/** The call that sends this many packets, for errors: send(2) is faster than sendmmsg(2) for one. */
export function sendSyscall(count: number): 'send' | 'sendmmsg' {
  return count > 1 ? 'sendmmsg' : 'send';
}
