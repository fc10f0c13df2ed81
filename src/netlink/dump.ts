import {
  MSG_NOSIGNAL,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM_GETLINK,
} from '../libc/constants';
import { EMSGSIZE, ENOLINK } from '../libc/errno';
import { close, read } from '../libc/file';
import { host } from '../libc/layouts';
import { sendto } from '../libc/message';
import { formatRequest, parseMessages, readU32 } from '../libc/netlink';
import { parseLinkMessage, type LinkMessage } from './link-message';
import { openRouteSocket } from './route-socket';

/** The size of the buffer for an answer, in bytes. The kernel fills datagrams of up to 32 KiB, so none is truncated. */
const RECEIVE_SIZE = 64 * 1024;

/** Number of requests while interfaces come and go. The last answer counts, even if it is incomplete. */
const ATTEMPTS = 5;

/** A complete answer to RTM_GETLINK. */
interface Answer {
  readonly links: LinkMessage[];
  /** NLM_F_DUMP_INTR: interfaces came or went meanwhile, so one may be missing or appear twice. */
  readonly interrupted: boolean;
}

/**
 * Returns all interfaces of this network namespace, from an RTM_GETLINK dump. Needs no privilege. Returns a negative
 * error number without netlink, or if the kernel refuses the request.
 *
 * @param open opens the socket; dumpLinks closes it
 */
export function dumpLinks(open = openRouteSocket): LinkMessage[] | number {
  const fd = open();
  if (fd < 0) return fd;
  try {
    for (let attempt = 1; ; attempt++) {
      const answer = request(fd, attempt);
      if (typeof answer === 'number') return answer;
      if (!answer.interrupted || attempt === ATTEMPTS) return answer.links;
    }
  } finally {
    close(fd);
  }
}

function request(fd: number, sequence: number): Answer | number {
  const header = { type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence };
  const sent = sendto(fd, formatRequest(header, host.ifinfomsg.make({})), MSG_NOSIGNAL);
  return sent < 0 ? sent : receiveAnswer(fd, sequence);
}

/**
 * Receives the answer. The kernel creates each datagram during the read of the one before, so there is nothing to
 * wait for, and EAGAIN before the end is an error.
 */
function receiveAnswer(fd: number, sequence: number): Answer | number {
  const buffer = new Uint8Array(RECEIVE_SIZE);
  const links: LinkMessage[] = [];
  let interrupted = false;
  for (;;) {
    const length = read(fd, buffer);
    if (length < 0) return length;
    if (length === 0) return -ENOLINK;
    // The messages are views, and the next read overwrites the buffer.
    for (const message of parseMessages(buffer.slice(0, length))) {
      if (!message.complete) return -EMSGSIZE;
      if (message.sequence !== sequence) continue;
      interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
      if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) {
        // Both begin with an int: 0 or a negative error number.
        const error = (readU32(message.bytes, host.nlmsghdr.size) ?? 0) | 0;
        return error < 0 ? error : { links, interrupted };
      }
      const link = parseLinkMessage(message.bytes);
      if (link?.kind === 'new') links.push(link);
    }
  }
}
