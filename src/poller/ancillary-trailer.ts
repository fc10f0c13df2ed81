/**
 * The end of every packet from a socket whose layout has a trailer. A local socket carries neither the msg_flags
 * nor the drop count of CAN_RAW, so the one who holds its other end appends them. The length of the packet before the
 * trailer is a multiple of 4. The trailer has eight bytes, two u32 in host order:
 *
 *   flags  bits to add to the msg_flags of recvmsg(2)
 *   value  packets dropped so far, like SO_RXQ_OVFL
 *
 * With `flags` equal to `error`, the packet holds nothing else, and `value` is a positive error number: receiving
 * fails with it, once.
 */
export const ANCILLARY_TRAILER = { size: 8, flags: 0, value: 4, error: 0x8000_0000 } as const;
