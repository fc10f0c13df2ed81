import { KernelEndpoint } from '../../channel/kernel/kernel-endpoint';
import {
  CAN_RAW_ERR_FILTER,
  CAN_RAW_FILTER,
  CAN_RAW_RECV_OWN_MSGS,
  IFF_ECHO,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOL_CAN_RAW,
} from '../../libc/constants';
import { check } from '../../libc/errors';
import { send, sendmmsg, sendSyscall } from '../../libc/message';
import { setsockopt, setsockoptInt } from '../../libc/socket';
import { dumpLinks } from '../../netlink/dump';
import type { Confirmation } from '../../send-result';
import type { OutgoingFrames, RawEndpoint } from '../endpoint';
import { CAN_RAW_RECORD } from './record';

/** A CAN_RAW socket of the kernel that is bound to an interface. */
export class RawKernelEndpoint extends KernelEndpoint<OutgoingFrames> implements RawEndpoint {
  readonly layout = CAN_RAW_RECORD;
  #confirmation: Confirmation | undefined;

  send(frames: OutgoingFrames, count: number): number {
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if (sendSyscall(count) === 'sendmmsg') return sendmmsg(this.fd, frames.headers, 0, count, flags);
    const bytes = send(this.fd, frames.frames, frames.size(0), flags);
    return bytes > 0 ? 1 : bytes;
  }

  setFilters(filters: Uint8Array): void {
    this.#check(setsockopt(this.fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters));
  }

  setErrorMask(mask: number): void {
    this.#check(setsockoptInt(this.fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, mask));
  }

  setReceiveOwn(on: boolean): void {
    this.#check(setsockoptInt(this.fd, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, on ? 1 : 0));
  }

  confirmation(): Confirmation {
    this.#confirmation ??= confirmationOf(this.index);
    return this.#confirmation ?? 'queued';
  }

  #check(result: number): void {
    check(result, 'setsockopt', { interface: this.interfaceName });
  }
}

/**
 * Reads whether the driver returns each frame after its transmission (IFF_ECHO), which does not change. rtnetlink has
 * this flag; SIOCGIFFLAGS has only the lower 16. Undefined if rtnetlink does not answer now.
 */
function confirmationOf(index: number): Confirmation | undefined {
  const links = dumpLinks();
  const link = typeof links === 'number' ? undefined : links.find((each) => each.index === index);
  if (link === undefined) return undefined;
  return (link.flags & IFF_ECHO) === 0 ? 'queued' : 'bus';
}
