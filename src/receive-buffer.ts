/** The receive buffer that a socket asks for by default, in bytes. */
export const DEFAULT_RECEIVE_BUFFER_SIZE = 2 * 1024 * 1024;

/** What one frame takes of a receive buffer, classic or CAN FD, in bytes (measured on Linux 6.1). */
export const RECEIVE_BUFFER_PER_FRAME = 768;
