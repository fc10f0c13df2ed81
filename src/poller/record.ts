/**
 * Offsets of the fields of a record, in bytes. A record begins with the fields that every protocol uses. The packet
 * follows. {@link RecordLayout} has its size.
 *
 *   0  system time, ns since 1970, signed              8
 *   8  monotonic time, ns, signed                      8
 *  16  hardware time, ns of the controller's clock     8  (0: no time)
 *  24  length of the packet in bytes                   4  (0: no packet, skip the record)
 *  28  msg_flags of recvmsg(2)                         4
 *  32  packets that the kernel has dropped so far      4  (SO_RXQ_OVFL: cumulative, modulo 2**32)
 *  36  unused                                          4
 *  40  the packet
 */
export const RECORD = {
  system: 0,
  monotonic: 8,
  hardware: 16,
  length: 24,
  flags: 28,
  drops: 32,
  packet: 40,
} as const;

/** The field of a record that holds a time. */
export type TimeField = typeof RECORD.system | typeof RECORD.monotonic | typeof RECORD.hardware;

/** The format of the packets of a socket. Each protocol defines its own layout, and the ring has room for it. */
export interface RecordLayout {
  /** Longest packet in bytes, any trailer included. The kernel cuts longer ones and sets MSG_TRUNC. */
  readonly packetSize: number;
  /** Whether every packet ends with an ancillary trailer (./ancillary-trailer), which no kernel socket has. */
  readonly trailer: boolean;
}

/** The size of one record in bytes, a multiple of 8, so that the times of all records are aligned. */
export function recordSize({ packetSize }: RecordLayout): number {
  return RECORD.packet + Math.ceil(packetSize / 8) * 8;
}
