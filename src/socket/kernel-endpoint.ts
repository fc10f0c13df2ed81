import * as libc from '../libc';
import { check, systemError } from '../libc';
import type { Endpoint, EndpointOptions, OutgoingBatch } from './endpoint';

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
function openHint(result: number, name: string): string | undefined {
  switch (-result) {
    case libc.EAFNOSUPPORT:
      return 'this kernel has no CAN support: the module "can" is missing, try "modprobe can", or use a kernel built with CONFIG_CAN';
    case libc.EPROTONOSUPPORT:
      return 'this kernel has no raw CAN sockets: the module "can-raw" is missing, try "modprobe can-raw", or use a kernel built with CONFIG_CAN_RAW';
    case libc.ENODEV:
      if (libc.if_nametoindex(name) > 0) return `${name} is not a CAN interface`;
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
    throw systemError(result, syscall, { interface: name, hint: openHint(result, name) });
  };
  const type = libc.SOCK_RAW | libc.SOCK_NONBLOCK | libc.SOCK_CLOEXEC;
  const fd = guard(calls.socket(AF_CAN, type, CAN_RAW), 'socket');
  try {
    const set = (level: number, option: number, value: number): void => {
      guard(calls.setsockoptInt(fd, level, option, value), 'setsockopt');
    };
    if (calls.setsockoptInt(fd, SOL_SOCKET, libc.SO_TIMESTAMPNS_NEW, 1) < 0) {
      set(SOL_SOCKET, libc.SO_TIMESTAMPNS_OLD, 1); // Kernels before 5.1.
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
    const can_ifindex = guard(calls.if_nametoindex(name), 'if_nametoindex');
    const address = libc.host.sockaddr_can.make({ can_family: AF_CAN, can_ifindex });
    guard(calls.bind(fd, address), 'bind');
    // On an interface that is down the kernel leaves ENETDOWN here, once.
    const pending = guard(calls.getsockoptInt(fd, SOL_SOCKET, libc.SO_ERROR), 'getsockopt');
    if (pending !== 0 && pending !== libc.ENETDOWN) guard(-pending, 'bind');
    return new KernelEndpoint(fd, name, openedNs, pending === 0, receiveBufferSize);
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

class KernelEndpoint implements Endpoint {
  readonly fd: number;
  readonly interfaceName: string;
  readonly openedNs: bigint;
  readonly up: boolean;
  readonly receiveBufferSize: number;
  readonly #meminfo = new Uint32Array(libc.SK_MEMINFO_VARS);

  constructor(fd: number, name: string, openedNs: bigint, up: boolean, receiveBufferSize: number) {
    this.fd = fd;
    this.interfaceName = name;
    this.openedNs = openedNs;
    this.up = up;
    this.receiveBufferSize = receiveBufferSize;
  }

  mtu(): number | undefined {
    const answer = libc.interfaceRequest(this.fd, libc.SIOCGIFMTU, this.interfaceName);
    return typeof answer === 'number'
      ? undefined
      : new Int32Array(Uint8Array.from(answer).buffer)[0];
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
