import * as libc from '../libc';
import { check, systemError } from '../libc';
import type { Endpoint, EndpointOptions, OutgoingBatch } from './endpoint';
import type { Link } from './link/watch';

const {
  AF_CAN,
  CAN_RAW,
  CAN_RAW_ERR_FILTER,
  CAN_RAW_FD_FRAMES,
  CAN_RAW_FILTER,
  CAN_RAW_JOIN_FILTERS,
  CAN_RAW_LOOPBACK,
  CAN_RAW_RECV_OWN_MSGS,
  SOL_CAN_RAW,
  SOL_SOCKET,
} = libc;

/** What can be done about an open that failed, by the error's number. */
function openHint(result: number, syscall: string, name: string): string | undefined {
  switch (-result) {
    case libc.EAFNOSUPPORT:
      return 'this kernel has no CAN support: the module "can" is missing, try "modprobe can", or use a kernel built with CONFIG_CAN';
    case libc.EPROTONOSUPPORT:
      return 'this kernel has no raw CAN sockets: the module "can-raw" is missing, try "modprobe can-raw", or use a kernel built with CONFIG_CAN_RAW';
    case libc.ENODEV:
      if (syscall === 'bind') return `${name} is not a CAN interface`;
      return 'there is no interface of that name in this network namespace; "ip link show type can" and "ip link show type vcan" list what there is';
    default:
      return undefined;
  }
}

/** The system calls that open a socket; tests put others in their place. */
export const endpointCalls = {
  socket: libc.socket,
  bind: libc.bind,
  setsockopt: libc.setsockopt,
  setsockoptInt: libc.setsockoptInt,
  getsockoptInt: libc.getsockoptInt,
  if_nametoindex: libc.if_nametoindex,
  timestampingOf: libc.timestampingOf,
  close: libc.close,
};

/**
 * Opens a CAN_RAW socket, non-blocking, with kernel receive times and drop counts, and binds it.
 *
 * Unlike the reference it sets the options before it binds, so that no frame comes without a time
 * or past the filters, and it accepts an interface that is down: traffic flows once it is up.
 *
 * @throws {SystemError} naming the interface, with a hint; nothing is left open then
 */
export function openKernelEndpoint(
  name: string,
  options: EndpointOptions,
  calls = endpointCalls,
): Endpoint {
  const openedNs = process.hrtime.bigint();
  const guard = (result: number, syscall: string): number => {
    if (result >= 0) return result;
    throw systemError(result, syscall, { interface: name, hint: openHint(result, syscall, name) });
  };
  const type = libc.SOCK_RAW | libc.SOCK_NONBLOCK | libc.SOCK_CLOEXEC;
  const fd = guard(calls.socket(AF_CAN, type, CAN_RAW), 'socket');
  try {
    const set = (level: number, option: number, value: number): void => {
      guard(calls.setsockoptInt(fd, level, option, value), 'setsockopt');
    };
    const timestamps = chooseTimestamps(fd, name, options.timestamps, calls);
    const [stamp, how] = TIMESTAMPS[timestamps];
    if (calls.setsockoptInt(fd, SOL_SOCKET, stamp.now, how) < 0) {
      set(SOL_SOCKET, stamp.before, how); // Kernels before 5.1.
    }
    set(SOL_SOCKET, libc.SO_RXQ_OVFL, 1);
    if (calls.setsockoptInt(fd, SOL_SOCKET, libc.SO_RCVBUFFORCE, options.receiveBufferSize) < 0) {
      // Without CAP_NET_ADMIN the kernel grants up to net.core.rmem_max.
      set(SOL_SOCKET, libc.SO_RCVBUF, options.receiveBufferSize);
    }
    if (options.fd) set(SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1);
    if (!options.loopback) set(SOL_CAN_RAW, CAN_RAW_LOOPBACK, 0);
    if (options.joinFilters) set(SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS, 1);
    if (options.receiveOwn) set(SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, 1);
    if (options.errorMask !== 0) set(SOL_CAN_RAW, CAN_RAW_ERR_FILTER, options.errorMask);
    if (options.filters !== undefined) {
      const { filters } = options;
      guard(calls.setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters), 'setsockopt');
    }
    const receiveBufferSize = guard(
      calls.getsockoptInt(fd, SOL_SOCKET, libc.SO_RCVBUF),
      'getsockopt',
    );
    // Never 0, which would bind to every interface there is.
    const can_ifindex = guard(calls.if_nametoindex(fd, name), 'if_nametoindex');
    const address = libc.host.sockaddr_can.make({ can_family: AF_CAN, can_ifindex });
    guard(calls.bind(fd, address), 'bind');
    // On an interface that is down the kernel leaves ENETDOWN here, once.
    const pending = guard(calls.getsockoptInt(fd, SOL_SOCKET, libc.SO_ERROR), 'getsockopt');
    if (pending !== 0 && pending !== libc.ENETDOWN) guard(-pending, 'bind');
    const index = can_ifindex;
    const up = pending === 0;
    return new KernelEndpoint({ fd, name, index, openedNs, up, timestamps, receiveBufferSize });
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

/** The options that have the kernel tell when a frame came, by the numbers of now and of before 5.1. */
const TIMESTAMPS = {
  software: [{ now: libc.SO_TIMESTAMPNS_NEW, before: libc.SO_TIMESTAMPNS_OLD }, 1],
  hardware: [
    { now: libc.SO_TIMESTAMPING_NEW, before: libc.SO_TIMESTAMPING_OLD },
    libc.SOF_TIMESTAMPING_RX_SOFTWARE |
      libc.SOF_TIMESTAMPING_SOFTWARE |
      libc.SOF_TIMESTAMPING_RX_HARDWARE |
      libc.SOF_TIMESTAMPING_RAW_HARDWARE,
  ],
} as const;

/** What was asked for, if the interface has it. */
function chooseTimestamps(
  fd: number,
  name: string,
  wanted: 'software' | 'hardware',
  calls: typeof endpointCalls,
) {
  if (wanted === 'software') return wanted;
  const offered = calls.timestampingOf(fd, name);
  return offered > 0 && (offered & libc.SOF_TIMESTAMPING_RX_HARDWARE) !== 0
    ? 'hardware'
    : 'software';
}

type Opened = Pick<
  Endpoint,
  'fd' | 'index' | 'openedNs' | 'up' | 'timestamps' | 'receiveBufferSize'
> & { readonly name: string };

class KernelEndpoint implements Endpoint {
  readonly fd: number;
  readonly interfaceName: string;
  readonly index: number;
  readonly openedNs: bigint;
  readonly up: boolean;
  readonly timestamps: 'software' | 'hardware';
  readonly receiveBufferSize: number;
  readonly #meminfo = new Uint32Array(libc.SK_MEMINFO_VARS);

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
    const flags = this.#ask(libc.SIOCGIFFLAGS);
    if (flags === undefined) return 'gone';
    const [low = 0] = new Uint16Array(flags.buffer);
    return (low & libc.IFF_UP) === 0 ? 'down' : 'up';
  }

  mtu(): number | undefined {
    const mtu = this.#ask(libc.SIOCGIFMTU);
    return mtu === undefined ? undefined : new Int32Array(mtu.buffer)[0];
  }

  /** An ioctl of netdevice(7) about the interface, whatever its name is by now; undefined: it is gone. */
  #ask(request: number): Uint8Array | undefined {
    const name = libc.interfaceNameOf(this.fd, this.index);
    if (typeof name === 'number') return undefined;
    const answer = libc.interfaceRequest(this.fd, request, name);
    return typeof answer === 'number' ? undefined : Uint8Array.from(answer);
  }

  setFilters(filters: Uint8Array): void {
    const { fd } = this;
    this.#check(libc.setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters));
  }

  setErrorMask(mask: number): void {
    this.#check(libc.setsockoptInt(this.fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, mask));
  }

  setReceiveOwn(on: boolean): void {
    this.#check(libc.setsockoptInt(this.fd, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, on ? 1 : 0));
  }

  send(batch: OutgoingBatch, count: number): number {
    const flags = libc.MSG_DONTWAIT | libc.MSG_NOSIGNAL;
    return libc.sendmmsg(this.fd, batch.headers, 0, count, flags);
  }

  drops(): number | undefined {
    const bytes = new Uint8Array(this.#meminfo.buffer);
    if (libc.getsockopt(this.fd, SOL_SOCKET, libc.SO_MEMINFO, bytes) < 0) return undefined;
    return this.#meminfo[libc.SK_MEMINFO_DROPS];
  }

  close(): void {
    libc.close(this.fd);
  }

  #check(result: number): void {
    check(result, 'setsockopt', { interface: this.interfaceName });
  }
}
