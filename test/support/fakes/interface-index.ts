import { AF_UNIX, check, close, if_nametoindex, SOCK_DGRAM, socket } from '../../../src/libc';

/** The kernel's number of an interface, or a negative error number. */
export function interfaceIndex(name: string): number {
  const fd = check(socket(AF_UNIX, SOCK_DGRAM, 0), 'socket');
  try {
    return if_nametoindex(fd, name);
  } finally {
    close(fd);
  }
}
