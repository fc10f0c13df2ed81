/**
 * What can follow a frame in a packet from a local socket (see src/virtual/): eight bytes, two u32 in
 * host order. CAN_RAW sockets deliver 16 or 72 bytes and never have it.
 *
 *   flags  to be added to the msg_flags of recvmsg(2)
 *   value  packets dropped by then, as SO_RXQ_OVFL has it; of a fault, its positive error number
 *
 * A packet of a trailer alone is a fault: receiving fails with that error, once.
 */
export const TRAILER = { size: 8, flags: 0, value: 4, fault: 0x8000_0000 } as const;

/** Whether a packet of this length, in bytes, is a frame and a trailer, or a trailer alone. */
export function isTrailed(length: number): boolean {
  return length === 16 + TRAILER.size || length === 72 + TRAILER.size || length === TRAILER.size;
}
