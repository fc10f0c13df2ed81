import { EBADF, EBADFD, ENAVAIL, ENETDOWN, ENETRESET, ENETUNREACH, ENODEV, ENOLINK, ENXIO } from '../libc/errno';

/*
 * Error numbers of receiving and sending. pycyphal closes its media after any of them. Here a link that is down
 * only pauses the socket.
 */

/** The link is down. The same socket works again when the link is up. */
export const PAUSES: ReadonlySet<number> = new Set([ENETDOWN, ENETRESET, ENETUNREACH]);

/** The interface is gone or the socket is broken. A new socket is needed. */
export const FATAL: ReadonlySet<number> = new Set([ENODEV, ENXIO, EBADF, EBADFD, ENAVAIL, ENOLINK]);
