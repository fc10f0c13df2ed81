import { RTM_NEWLINK, RTM_DELLINK, IFLA_IFNAME } from '../libc/constants';
import { host } from '../libc/layouts';
import { readU32, readU16, attributes } from '../libc/netlink';

const { nlmsghdr, ifinfomsg } = host;
const BODY = nlmsghdr.size;
const ATTRIBUTES = BODY + ifinfomsg.size;

/** What rtnetlink(7) says of one interface, asked or on its own. */
export interface LinkMessage {
  /** RTM_NEWLINK (there, new or changed) or RTM_DELLINK. */
  readonly kind: 'new' | 'removed';
  /** The interface's number, above 0 from the kernel. */
  readonly index: number;
  /** ARPHRD_*; 280 for CAN. */
  readonly hardwareType: number;
  /** IFF_*, as of a u32. */
  readonly flags: number;
  /** IFLA_IFNAME; undefined where it was cut off. */
  readonly name: string | undefined;
  /** The attributes, IFLA_*, as far as they are here. */
  readonly attributes: Uint8Array;
}

/** A string attribute up to its NUL; undefined when nothing is in it. */
export function text(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString() || undefined;
}

/**
 * Reads a message from its nlmsghdr on; undefined when it is no RTM_NEWLINK or RTM_DELLINK or lacks
 * a part of its ifinfomsg. The kernel puts IFLA_IFNAME first, so that of a notification the first
 * 80 bytes tell everything but the other attributes: 16 of nlmsghdr, 16 of ifinfomsg, at most 20 of
 * the name.
 */
export function parseLinkMessage(bytes: Uint8Array): LinkMessage | undefined {
  const length = readU32(bytes, nlmsghdr.offset.nlmsg_len) ?? 0;
  const type = readU16(bytes, nlmsghdr.offset.nlmsg_type);
  if (length < ATTRIBUTES || bytes.byteLength < ATTRIBUTES) return undefined;
  if (type !== RTM_NEWLINK && type !== RTM_DELLINK) return undefined;
  const { offset } = ifinfomsg;
  const rest = bytes.subarray(ATTRIBUTES, length);
  return {
    kind: type === RTM_NEWLINK ? 'new' : 'removed',
    index: (readU32(bytes, BODY + offset.ifi_index) ?? 0) | 0,
    hardwareType: readU16(bytes, BODY + offset.ifi_type) ?? 0,
    flags: readU32(bytes, BODY + offset.ifi_flags) ?? 0,
    name: text(attributes(rest).get(IFLA_IFNAME)),
    attributes: rest,
  };
}
