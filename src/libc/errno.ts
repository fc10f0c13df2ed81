/*
 * Positive error numbers of asm-generic/errno-base.h and errno.h. The functions of this folder return them negated:
 * `if (result === -EAGAIN)`.
 */
export const EPERM = 1;
export const EINTR = 4;
export const ENXIO = 6;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EBUSY = 16;
export const ENODEV = 19;
export const EINVAL = 22;
export const ENOLINK = 67;
export const EBADFD = 77;
export const EMSGSIZE = 90;
export const EPROTONOSUPPORT = 93;
export const EAFNOSUPPORT = 97;
export const ENETDOWN = 100;
export const ENETUNREACH = 101;
export const ENETRESET = 102;
export const ENOBUFS = 105;
export const ENAVAIL = 119;
