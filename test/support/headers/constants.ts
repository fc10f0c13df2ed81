/*
 * Constants of the C headers that only tests use. Like those of the library, they are compared with the headers of each
 * machine.
 */

/* sys/socket.h */
export const SOCK_DGRAM = 2;

/* poll.h */
export const POLLOUT = 0x4;
export const POLLHUP = 0x10;

/* linux/sockios.h */
export const SIOCGIFHWADDR = 0x8927;

/* errno.h */
export const ENOPROTOOPT = 92;
