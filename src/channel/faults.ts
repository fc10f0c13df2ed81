import { EBADF, EBADFD, ENAVAIL, ENETDOWN, ENETRESET, ENETUNREACH, ENODEV, ENOLINK, ENXIO } from '../libc/errno';

/*
 * The reference closes its media for good after any of these errors. Here they are two kinds: a
 * link that is down comes up again, and the same socket works on.
 */

/** The link is down but the socket is not: it works again, as it is, when the link is up. */
export const PAUSES: ReadonlySet<number> = new Set([ENETDOWN, ENETRESET, ENETUNREACH]);

/** The socket is of no use any more. */
export const FATAL: ReadonlySet<number> = new Set([ENODEV, ENXIO, EBADF, EBADFD, ENAVAIL, ENOLINK]);
