import { readU64 } from '../libc/netlink';

/** What the interface has counted since it was made, for all its sockets (ip -s link). */
export interface Traffic {
  /** Frames received. */
  readonly rxFrames: number;
  /** Frames sent. */
  readonly txFrames: number;
  /** Payload bytes received: the data of the frames. */
  readonly rxBytes: number;
  /** Payload bytes sent. */
  readonly txBytes: number;
  /** Errors of reception, by the driver's judgement. */
  readonly rxErrors: number;
  /** Errors of sending, by the driver's judgement. */
  readonly txErrors: number;
  /** Received frames the driver or the kernel had no room for. */
  readonly rxDropped: number;
  /** Frames that were to be sent, and were dropped. */
  readonly txDropped: number;
}

/**
 * Reads IFLA_STATS64 (linux/if_link.h: struct rtnl_link_stats64), whose first eight members have
 * been the same since Linux 2.6.35 while new ones came behind them; undefined when they are cut short.
 */
export function parseTraffic(bytes: Uint8Array): Traffic | undefined {
  if (bytes.byteLength < 8 * 8) return undefined;
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
