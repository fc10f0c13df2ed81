import {
  CAN_RAW_ERR_FILTER,
  CAN_RAW_FILTER,
  CAN_RAW_RECV_OWN_MSGS,
  SOL_CAN_RAW,
  SOL_SOCKET,
  SK_MEMINFO_VARS,
  SIOCGIFFLAGS,
  IFF_UP,
  SIOCGIFMTU,
  SO_MEMINFO,
  SK_MEMINFO_DROPS,
  IFF_ECHO,
} from '../../libc/constants';
import { close } from '../../libc/file';
import { interfaceNameOf, interfaceRequest } from '../../libc/interface';
import { setsockopt, setsockoptInt, getsockopt } from '../../libc/socket';
import { check } from '../../libc/errors';
import { MSG_DONTWAIT, MSG_NOSIGNAL } from '../../libc/constants';
import { send, sendmmsg } from '../../libc/message';
import type { RawEndpoint, OutgoingFrames } from '../endpoint';
import { dumpLinks } from '../../netlink/dump';
import type { Link } from '../../netlink/link';
import type { Confirmation } from '../../send-result';

/** What opening has brought. */
type Opened = Pick<RawEndpoint, 'fd' | 'index' | 'openedNs' | 'up' | 'timestamps' | 'receiveBufferSize'> & {
  readonly name: string;
};

/** A CAN_RAW socket that is bound to an interface. */
export class KernelEndpoint implements RawEndpoint {
  readonly fd: number;
  readonly interfaceName: string;
  readonly index: number;
  readonly openedNs: bigint;
  readonly up: boolean;
  readonly timestamps: 'software' | 'hardware';
  readonly receiveBufferSize: number;
  #confirmation: Confirmation | undefined;
  readonly #meminfo = new Uint32Array(SK_MEMINFO_VARS);

  constructor(opened: Opened) {
    this.fd = opened.fd;
    this.interfaceName = opened.name;
    this.index = opened.index;
    this.openedNs = opened.openedNs;
    this.up = opened.up;
    this.timestamps = opened.timestamps;
    this.receiveBufferSize = opened.receiveBufferSize;
  }

  link(): Link {
    const flags = this.#ask(SIOCGIFFLAGS);
    if (flags === undefined) return 'gone';
    const [low = 0] = new Uint16Array(flags.buffer);
    return (low & IFF_UP) === 0 ? 'down' : 'up';
  }

  mtu(): number | undefined {
    const mtu = this.#ask(SIOCGIFMTU);
    return mtu === undefined ? undefined : new Int32Array(mtu.buffer)[0];
  }

  /** An ioctl of netdevice(7) about the interface, whatever its name is by now; undefined: it is gone. */
  #ask(request: number): Uint8Array | undefined {
    const name = interfaceNameOf(this.fd, this.index);
    if (typeof name === 'number') return undefined;
    const answer = interfaceRequest(this.fd, request, name);
    return typeof answer === 'number' ? undefined : Uint8Array.from(answer);
  }

  confirmation(): Confirmation {
    // The flags of SIOCGIFFLAGS are the lower 16 bits only.
    this.#confirmation ??= confirmationOf(this.index);
    return this.#confirmation ?? 'queued';
  }

  setFilters(filters: Uint8Array): void {
    const { fd } = this;
    this.#check(setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters));
  }

  setErrorMask(mask: number): void {
    this.#check(setsockoptInt(this.fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, mask));
  }

  setReceiveOwn(on: boolean): void {
    this.#check(setsockoptInt(this.fd, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, on ? 1 : 0));
  }

  send(batch: OutgoingFrames, count: number): number {
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if (count > 1) return sendmmsg(this.fd, batch.headers, 0, count, flags);
    const bytes = send(this.fd, batch.frames, batch.size(0), flags);
    return bytes > 0 ? 1 : bytes;
  }

  drops(): number | undefined {
    const bytes = new Uint8Array(this.#meminfo.buffer);
    if (getsockopt(this.fd, SOL_SOCKET, SO_MEMINFO, bytes) < 0) return undefined;
    return this.#meminfo[SK_MEMINFO_DROPS];
  }

  close(): void {
    close(this.fd);
  }

  #check(result: number): void {
    check(result, 'setsockopt', { interface: this.interfaceName });
  }
}

/**
 * Whether the driver returns each frame when it was sent: it does not change its mind about that.
 * Undefined where the system cannot be asked now.
 */
function confirmationOf(index: number): Confirmation | undefined {
  const links = dumpLinks();
  const link = typeof links === 'number' ? undefined : links.find((each) => each.index === index);
  if (link === undefined) return undefined;
  return (link.flags & IFF_ECHO) === 0 ? 'queued' : 'bus';
}
