/*
 * Constants of the C headers that only tests use. The header tests compare them with the headers of each machine, as
 * those of the library.
 */

/* sys/socket.h */
export const SOCK_DGRAM = 2;
export const MSG_CTRUNC = 0x8;

/* poll.h */
export const POLLOUT = 0x4;
export const POLLHUP = 0x10;

/* linux/sockios.h */
export const SIOCGIFHWADDR = 0x8927;

/* errno.h */
export const ENOPROTOOPT = 92;
