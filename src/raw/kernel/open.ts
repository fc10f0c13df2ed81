import {
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
  SOCK_RAW,
  SOCK_NONBLOCK,
  SOCK_CLOEXEC,
  SO_RXQ_OVFL,
  SO_RCVBUFFORCE,
  SO_RCVBUF,
  SO_SNDBUF,
  SO_ERROR,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_RX_HARDWARE,
  SOF_TIMESTAMPING_RAW_HARDWARE,
} from '../../libc/constants';
import { EAFNOSUPPORT, EPROTONOSUPPORT, ENODEV, ENETDOWN } from '../../libc/errno';
import { close } from '../../libc/file';
import { if_nametoindex, timestampingOf, transmitQueueOf } from '../../libc/interface';
import { host } from '../../libc/layouts';
import { socket, bind, setsockopt, setsockoptInt, getsockoptInt } from '../../libc/socket';
import { systemError } from '../../libc/errors';
import type { RawEndpoint, RawEndpointOptions } from '../endpoint';
import { KernelEndpoint } from './kernel-endpoint';

/** What can be done about an open that failed, by the error's number. */
function openHint(result: number, syscall: string, name: string): string | undefined {
  switch (-result) {
    case EAFNOSUPPORT:
      return 'this kernel has no CAN support: the module "can" is missing, try "modprobe can", or use a kernel built with CONFIG_CAN';
    case EPROTONOSUPPORT:
      return 'this kernel has no raw CAN sockets: the module "can-raw" is missing, try "modprobe can-raw", or use a kernel built with CONFIG_CAN_RAW';
    case ENODEV:
      if (syscall === 'bind') return `${name} is not a CAN interface`;
      return 'there is no interface of that name in this network namespace; "ip link show type can" and "ip link show type vcan" list what there is';
    default:
      return undefined;
  }
}

/** The system calls that open a socket; tests put others in their place. */
export const endpointCalls = {
  socket: socket,
  bind: bind,
  setsockopt: setsockopt,
  setsockoptInt: setsockoptInt,
  getsockoptInt: getsockoptInt,
  if_nametoindex: if_nametoindex,
  timestampingOf: timestampingOf,
  transmitQueueOf: transmitQueueOf,
  close: close,
};

/**
 * Opens a CAN_RAW socket, non-blocking, with kernel receive times and drop counts, and binds it.
 *
 * Unlike the reference it sets the options before it binds, so that no frame comes without a time
 * or past the filters, and it accepts an interface that is down: traffic flows once it is up.
 *
 * @throws {SystemError} naming the interface, with a hint; nothing is left open then
 */
export function openKernelEndpoint(name: string, options: RawEndpointOptions, calls = endpointCalls): RawEndpoint {
  const openedNs = process.hrtime.bigint();
  const guard = (result: number, syscall: string): number => {
    if (result >= 0) return result;
    throw systemError(result, syscall, { interface: name, hint: openHint(result, syscall, name) });
  };
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
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
    set(SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (calls.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.receiveBufferSize) < 0) {
      // Without CAP_NET_ADMIN the kernel grants up to net.core.rmem_max.
      set(SOL_SOCKET, SO_RCVBUF, options.receiveBufferSize);
    }
    const sendBufferSize = chooseSendBuffer(fd, name, options, calls);
    if (sendBufferSize !== undefined) set(SOL_SOCKET, SO_SNDBUF, sendBufferSize);
    if (options.fd) set(SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1);
    if (!options.loopback) set(SOL_CAN_RAW, CAN_RAW_LOOPBACK, 0);
    if (options.joinFilters) set(SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS, 1);
    if (options.receiveOwn) set(SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, 1);
    if (options.errorMask !== 0) set(SOL_CAN_RAW, CAN_RAW_ERR_FILTER, options.errorMask);
    if (options.filters !== undefined) {
      const { filters } = options;
      guard(calls.setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters), 'setsockopt');
    }
    const receiveBufferSize = guard(calls.getsockoptInt(fd, SOL_SOCKET, SO_RCVBUF), 'getsockopt');
    // Never 0, which would bind to every interface there is.
    const can_ifindex = guard(calls.if_nametoindex(fd, name), 'if_nametoindex');
    const address = host.sockaddr_can.make({ can_family: AF_CAN, can_ifindex });
    guard(calls.bind(fd, address), 'bind');
    // On an interface that is down the kernel leaves ENETDOWN here, once.
    const pending = guard(calls.getsockoptInt(fd, SOL_SOCKET, SO_ERROR), 'getsockopt');
    if (pending !== 0 && pending !== ENETDOWN) guard(-pending, 'bind');
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
  software: [{ now: SO_TIMESTAMPNS_NEW, before: SO_TIMESTAMPNS_OLD }, 1],
  hardware: [
    { now: SO_TIMESTAMPING_NEW, before: SO_TIMESTAMPING_OLD },
    SOF_TIMESTAMPING_RX_SOFTWARE |
      SOF_TIMESTAMPING_SOFTWARE |
      SOF_TIMESTAMPING_RX_HARDWARE |
      SOF_TIMESTAMPING_RAW_HARDWARE,
  ],
} as const;

/** What was asked for, if the interface has it. */
function chooseTimestamps(fd: number, name: string, wanted: 'software' | 'hardware', calls: typeof endpointCalls) {
  if (wanted === 'software') return wanted;
  const offered = calls.timestampingOf(fd, name);
  return offered > 0 && (offered & SOF_TIMESTAMPING_RX_HARDWARE) !== 0 ? 'hardware' : 'software';
}

/** What a frame takes of a send buffer beside its own bytes, as the reference counts it. */
const FRAME_OVERHEAD = 444;

/**
 * What to ask of SO_SNDBUF, which the kernel doubles; undefined: nothing. 'queue' is the reference's way
 * to be told EAGAIN before the interface's queue is full: as much as fits into that, and never more than
 * the kernel gives by itself.
 */
function chooseSendBuffer(
  fd: number,
  name: string,
  { fd: isFD, sendBufferSize }: RawEndpointOptions,
  calls: typeof endpointCalls,
): number | undefined {
  if (sendBufferSize !== 'queue') return sendBufferSize;
  const own = calls.getsockoptInt(fd, SOL_SOCKET, SO_SNDBUF);
  const queue = calls.transmitQueueOf(fd, name);
  if (own < 0 || queue <= 0) return undefined;
  const frame = (isFD ? host.canfd_frame : host.can_frame).size + FRAME_OVERHEAD;
  return Math.floor(Math.min(frame * queue, own) / 2);
}
