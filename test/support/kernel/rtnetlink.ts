import {
  IFF_UP,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MTU,
  MSG_NOSIGNAL,
  NLM_F_REQUEST,
  RTM_DELLINK,
  RTM_NEWLINK,
} from '../../../src/libc/constants';
import { check } from '../../../src/libc/errors';
import { close, read } from '../../../src/libc/file';
import { host } from '../../../src/libc/layouts';
import { sendto } from '../../../src/libc/message';
import { readU32 } from '../../../src/libc/netlink';
import { openRouteSocket } from '../../../src/netlink/route-socket';
import { interfaceIndex } from '../fakes/interface-index';

/*
 * Makes, changes and removes interfaces by rtnetlink(7), within one system call each. ip(8) does the same
 * and takes 0.1 s in the guest, mostly to start. Needs CAP_NET_ADMIN.
 */

/* linux/netlink.h, linux/can/vxcan.h */
const NLM_F_ACK = 0x4;
const NLM_F_EXCL = 0x200;
const NLM_F_CREATE = 0x400;
const VXCAN_INFO_PEER = 1;

/** A struct nlattr with its data, padded to 4 bytes. */
function attribute(type: number, data: string | number | Uint8Array): Buffer {
  const bytes =
    typeof data === 'string'
      ? Buffer.from(`${data}\0`)
      : typeof data === 'number'
        ? new Uint8Array(Uint32Array.of(data).buffer)
        : data;
  const { nlattr } = host;
  const length = nlattr.size + bytes.byteLength;
  const header = nlattr.make({ nla_len: length, nla_type: type });
  return Buffer.concat([header, bytes, Buffer.alloc(-length & 3)]);
}

/** Sends one request about a link, and waits for the answer. @throws {SystemError} what the kernel refuses */
function request(type: number, flags: number, link: object, ...attributes: Uint8Array[]): void {
  const { nlmsghdr, ifinfomsg } = host;
  const body = Buffer.concat([ifinfomsg.make(link), ...attributes]);
  const header = nlmsghdr.make({
    nlmsg_len: nlmsghdr.size + body.byteLength,
    nlmsg_type: type,
    nlmsg_flags: NLM_F_REQUEST | NLM_F_ACK | flags,
  });
  const fd = check(openRouteSocket(), 'socket');
  try {
    check(sendto(fd, Buffer.concat([header, body]), MSG_NOSIGNAL), 'sendto');
    // The kernel has put the answer, an NLMSG_ERROR with 0 or an error number, before sendto() returns.
    const answer = new Uint8Array(1024);
    check(read(fd, answer), 'read');
    check((readU32(answer, nlmsghdr.size) ?? 0) | 0, 'rtnetlink');
  } finally {
    close(fd);
  }
}

const UP = { ifi_flags: IFF_UP, ifi_change: IFF_UP };
const DOWN = { ifi_flags: 0, ifi_change: IFF_UP };

export interface NewLink {
  readonly mtu?: number;
  readonly up?: boolean;
  /** The kernel's number for it; by default the next free one. */
  readonly index?: number;
}

/** `ip link add NAME type KIND` */
export function makeLink(name: string, kind: string, options: NewLink = {}): void {
  const { mtu, up = false, index = 0 } = options;
  request(
    RTM_NEWLINK,
    NLM_F_CREATE | NLM_F_EXCL,
    { ...(up ? UP : DOWN), ifi_index: index },
    attribute(IFLA_IFNAME, name),
    ...(mtu === undefined ? [] : [attribute(IFLA_MTU, mtu)]),
    attribute(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, kind)),
  );
}

/** `ip link add NAME type vxcan peer name PEER`, both ends up unless `up` is false. */
export function makeVxcan(name: string, peer: string, up = true): void {
  const far = Buffer.concat([host.ifinfomsg.make({}), attribute(IFLA_IFNAME, peer)]);
  const kind = attribute(IFLA_INFO_KIND, 'vxcan');
  const data = attribute(IFLA_INFO_DATA, attribute(VXCAN_INFO_PEER, far));
  const info = attribute(IFLA_LINKINFO, Buffer.concat([kind, data]));
  request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, {}, attribute(IFLA_IFNAME, name), info);
  if (up) for (const each of [name, peer]) changeLink(each, { up });
}

/** `ip link set NAME [mtu MTU] [name NEW] [up|down]` */
export function changeLink(
  name: string,
  change: { readonly up?: boolean; readonly mtu?: number; readonly name?: string },
): void {
  const ifi_index = check(interfaceIndex(name), 'if_nametoindex', { interface: name });
  const flags = change.up === undefined ? {} : change.up ? UP : DOWN;
  request(
    RTM_NEWLINK,
    0,
    { ...flags, ifi_index },
    ...(change.mtu === undefined ? [] : [attribute(IFLA_MTU, change.mtu)]),
    ...(change.name === undefined ? [] : [attribute(IFLA_IFNAME, change.name)]),
  );
}

/** `ip link del NAME`, where the interface exists. */
export function removeLink(name: string): void {
  const ifi_index = interfaceIndex(name);
  if (ifi_index > 0) request(RTM_DELLINK, 0, { ifi_index });
}
