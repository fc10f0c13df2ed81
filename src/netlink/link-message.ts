import { IFLA_IFNAME, IFNAMSIZ, RTM_DELLINK, RTM_NEWLINK } from '../libc/constants';
import { host } from '../libc/layouts';
import { parseAttributes, readString, readU16, readU32 } from '../libc/netlink';

const { nlmsghdr, ifinfomsg, nlattr } = host;
const BODY = nlmsghdr.size;
const ATTRIBUTES = BODY + ifinfomsg.size;

/**
 * The first bytes of a notification, from which {@link parseLinkMessage} reads everything but the other attributes: the
 * kernel puts IFLA_IFNAME first.
 */
export const NOTIFICATION_HEAD_SIZE = ATTRIBUTES + nlattr.size + IFNAMSIZ;

/** An rtnetlink(7) message about one interface, an answer or a notification. */
export interface LinkMessage {
  /** RTM_NEWLINK (the interface exists) or RTM_DELLINK. */
  readonly kind: 'new' | 'removed';
  /** The index of the interface; the kernel's are above 0. */
  readonly index: number;
  /** ARPHRD_*; 280 for CAN. */
  readonly hardwareType: number;
  /** IFF_*, a u32. */
  readonly flags: number;
  /** IFLA_IFNAME; undefined if it was truncated. */
  readonly name: string | undefined;
  /** The bytes of the attributes, IFLA_*. */
  readonly attributes: Uint8Array;
}

/**
 * Parses a message, beginning with its nlmsghdr. Returns undefined if it is not an RTM_NEWLINK or RTM_DELLINK, or lacks
 * a part of its ifinfomsg.
 */
export function parseLinkMessage(bytes: Uint8Array): LinkMessage | undefined {
  const length = readU32(bytes, nlmsghdr.offset.nlmsg_len) ?? 0;
  const type = readU16(bytes, nlmsghdr.offset.nlmsg_type);
  if (length < ATTRIBUTES || bytes.byteLength < ATTRIBUTES) return undefined;
  if (type !== RTM_NEWLINK && type !== RTM_DELLINK) return undefined;
  const { offset } = ifinfomsg;
  const attributes = bytes.subarray(ATTRIBUTES, length);
  return {
    kind: type === RTM_NEWLINK ? 'new' : 'removed',
    index: (readU32(bytes, BODY + offset.ifi_index) ?? 0) | 0,
    hardwareType: readU16(bytes, BODY + offset.ifi_type) ?? 0,
    flags: readU32(bytes, BODY + offset.ifi_flags) ?? 0,
    name: readString(parseAttributes(attributes).get(IFLA_IFNAME)),
    attributes,
  };
}
