import {
  IFF_UP,
  SIOCGIFFLAGS,
  SIOCGIFMTU,
  SK_MEMINFO_DROPS,
  SK_MEMINFO_VARS,
  SO_MEMINFO,
  SOL_SOCKET,
} from '../../libc/constants';
import { close } from '../../libc/file';
import { interfaceNameOf, interfaceRequest } from '../../libc/interface';
import { getsockopt } from '../../libc/socket';
import type { Link } from '../../netlink/link';
import type { RecordLayout } from '../../poller/record';
import type { Endpoint, TimestampSource } from '../endpoint';

/** A socket of the kernel that was opened on an interface, see {@link openSocket}. */
export type OpenedSocket = Pick<
  Endpoint,
  'fd' | 'interfaceName' | 'index' | 'openedNs' | 'timestamps' | 'receiveBufferSize'
>;

/** What every PF_CAN socket of the kernel has in common. A protocol adds how to send, and its own options. */
export abstract class KernelEndpoint<Outgoing> implements Endpoint<Outgoing> {
  abstract readonly layout: RecordLayout;
  readonly fd: number;
  readonly interfaceName: string;
  readonly index: number;
  readonly openedNs: bigint;
  readonly timestamps: TimestampSource;
  readonly receiveBufferSize: number;
  readonly #meminfo = new Uint32Array(SK_MEMINFO_VARS);

  constructor(opened: OpenedSocket) {
    this.fd = opened.fd;
    this.interfaceName = opened.interfaceName;
    this.index = opened.index;
    this.openedNs = opened.openedNs;
    this.timestamps = opened.timestamps;
    this.receiveBufferSize = opened.receiveBufferSize;
  }

  abstract send(outgoing: Outgoing, count: number): number;

  link(): Link {
    const flags = this.#request(SIOCGIFFLAGS);
    if (flags === undefined) return 'gone';
    const [low = 0] = new Uint16Array(flags.buffer);
    return (low & IFF_UP) === 0 ? 'down' : 'up';
  }

  mtu(): number | undefined {
    const mtu = this.#request(SIOCGIFMTU);
    return mtu === undefined ? undefined : new Int32Array(mtu.buffer)[0];
  }

  drops(): number | undefined {
    const bytes = new Uint8Array(this.#meminfo.buffer);
    if (getsockopt(this.fd, SOL_SOCKET, SO_MEMINFO, bytes) < 0) return undefined;
    return this.#meminfo[SK_MEMINFO_DROPS];
  }

  close(): void {
    close(this.fd);
  }

  /**
   * An ioctl of netdevice(7), which takes a name. The interface may have been renamed, so its index gives the name.
   * Returns undefined if the interface is gone.
   */
  #request(request: number): Uint8Array | undefined {
    const name = interfaceNameOf(this.fd, this.index);
    if (typeof name === 'number') return undefined;
    const answer = interfaceRequest(this.fd, request, name);
    return typeof answer === 'number' ? undefined : Uint8Array.from(answer);
  }
}
