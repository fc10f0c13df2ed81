import { readU64 } from '../libc/netlink';

/** The counters of an interface since its creation, for all its sockets; see `ip -s link`. */
export interface Traffic {
  /** Frames received. */
  readonly rxFrames: number;
  /** Frames sent. */
  readonly txFrames: number;
  /** Payload bytes of the received frames. */
  readonly rxBytes: number;
  /** Payload bytes of the sent frames. */
  readonly txBytes: number;
  /** Receive errors, as the driver counts them. */
  readonly rxErrors: number;
  /** Transmit errors, as the driver counts them. */
  readonly txErrors: number;
  /** Received frames that the driver or the kernel dropped for lack of room. */
  readonly rxDropped: number;
  /** Frames to be sent that the driver or the kernel dropped. */
  readonly txDropped: number;
}

/**
 * Parses IFLA_STATS64 (linux/if_link.h: struct rtnl_link_stats64); undefined if it is missing or truncated. Its first
 * eight members are the same since Linux 2.6.35; new ones follow them.
 */
export function parseTraffic(bytes: Uint8Array | undefined): Traffic | undefined {
  if (bytes === undefined || bytes.byteLength < 8 * 8) return undefined;
  const member = (index: number) => readU64(bytes, index * 8) ?? 0;
  return {
    rxFrames: member(0),
    txFrames: member(1),
    rxBytes: member(2),
    txBytes: member(3),
    rxErrors: member(4),
    txErrors: member(5),
    rxDropped: member(6),
    txDropped: member(7),
  };
}
