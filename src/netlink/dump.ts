import {
  SOCK_RAW,
  SOCK_NONBLOCK,
  SOCK_CLOEXEC,
  AF_NETLINK,
  NETLINK_ROUTE,
  RTM_GETLINK,
  NLM_F_REQUEST,
  NLM_F_DUMP,
  MSG_NOSIGNAL,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../libc/constants';
import { ENOLINK, EMSGSIZE } from '../libc/errno';
import { close, read } from '../libc/file';
import { host } from '../libc/layouts';
import { sendto } from '../libc/message';
import { netlinkMessages, readU32 } from '../libc/netlink';
import { socket } from '../libc/socket';
import { parseLinkMessage, type LinkMessage } from './link-message';

/** The kernel fills datagrams of up to 32 KiB; one that is cut off all the same is an error here. */
const BUFFER = 64 * 1024;

/** How often to ask again while interfaces come and go; then the last answer has to do. */
const ATTEMPTS = 5;

/** One answer to RTM_GETLINK, complete. */
interface Answer {
  readonly links: LinkMessage[];
  /** NLM_F_DUMP_INTR: interfaces came or went meanwhile, so one may be missing or be there twice. */
  readonly interrupted: boolean;
}

/** A socket of rtnetlink(7). Returns its descriptor, or a negative error number. */
export function openRouteSocket(): number {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  return socket(AF_NETLINK, type, NETLINK_ROUTE);
}

/**
 * All interfaces of this network namespace, by an RTM_GETLINK dump. Needs no privilege. Returns a
 * negative error number where netlink cannot be had or refuses.
 *
 * @param open gives the socket, which is closed here
 */
export function dumpLinks(open = openRouteSocket): LinkMessage[] | number {
  const fd = open();
  if (fd < 0) return fd;
  try {
    for (let attempt = 1; ; attempt++) {
      const answer = ask(fd, attempt);
      if (typeof answer === 'number') return answer;
      if (!answer.interrupted || attempt === ATTEMPTS) return answer.links;
    }
  } finally {
    close(fd);
  }
}

function ask(fd: number, sequence: number): Answer | number {
  const { nlmsghdr, ifinfomsg } = host;
  const header = nlmsghdr.make({
    nlmsg_len: nlmsghdr.size + ifinfomsg.size,
    nlmsg_type: RTM_GETLINK,
    nlmsg_flags: NLM_F_REQUEST | NLM_F_DUMP,
    nlmsg_seq: sequence,
  });
  // An address is not needed: a netlink socket that was given none sends to the kernel.
  const request = Buffer.concat([header, ifinfomsg.make({})]);
  const sent = sendto(fd, request, MSG_NOSIGNAL);
  return sent < 0 ? sent : collect(fd, sequence);
}

/**
 * Receives the answer. The kernel makes each datagram of it while the one before is received, in
 * that system call: there is nothing to wait for, and EAGAIN before the end is an error.
 */
function collect(fd: number, sequence: number): Answer | number {
  const buffer = new Uint8Array(BUFFER);
  const links: LinkMessage[] = [];
  let interrupted = false;
  for (;;) {
    const length = read(fd, buffer);
    if (length < 0) return length;
    if (length === 0) return -ENOLINK;
    // A copy, as the messages are views and the buffer is used again.
    for (const message of netlinkMessages(buffer.slice(0, length))) {
      if (!message.whole) return -EMSGSIZE;
      if (message.sequence !== sequence) continue;
      interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
      if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) {
        // Both begin with an int: 0, or a negative error number.
        const error = (readU32(message.bytes, host.nlmsghdr.size) ?? 0) | 0;
        return error < 0 ? error : { links, interrupted };
      }
      const link = parseLinkMessage(message.bytes);
      if (link?.kind === 'new') links.push(link);
    }
  }
}
