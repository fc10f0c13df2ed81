import {
  AF_CAN,
  SO_ERROR,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RXQ_OVFL,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from '../../libc/constants';
import { EAFNOSUPPORT, ENETDOWN, ENODEV, EPROTONOSUPPORT } from '../../libc/errno';
import { systemError } from '../../libc/errors';
import { close } from '../../libc/file';
import { if_nametoindex, timestampingOf } from '../../libc/interface';
import { bind, getsockoptInt, setsockopt, setsockoptInt, socket } from '../../libc/socket';
import type { TimestampSource } from '../endpoint';
import type { OpenedSocket } from './kernel-endpoint';
import { chooseTimestamps, enableTimestamps } from './timestamps';

/** The system calls that open a socket. Tests inject others. */
export const socketCalls = {
  socket,
  bind,
  setsockopt,
  setsockoptInt,
  getsockoptInt,
  if_nametoindex,
  timestampingOf,
  close,
};

/** The options of every PF_CAN socket. */
export interface OpenOptions {
  /** SOCK_RAW, SOCK_DGRAM, ... */
  readonly type: number;
  /** CAN_RAW, ... */
  readonly protocol: number;
  /** What to do if the kernel lacks the protocol (EPROTONOSUPPORT). */
  readonly protocolHint: string;
  /** The timestamps to ask for. */
  readonly timestamps: TimestampSource;
  /** The receive buffer to ask for, in bytes. */
  readonly receiveBufferSize: number;
  /** Returns the struct sockaddr_can to bind to, from the index of the interface, which is above 0. */
  address(index: number): Uint8Array;
}

/** A socket that is not bound yet. Its methods throw a SystemError that names the interface. */
export interface UnboundSocket {
  readonly fd: number;
  /** setsockopt(2) with an int. */
  setInt(level: number, option: number, value: number): void;
  /** setsockopt(2) with bytes. */
  set(level: number, option: number, value: Uint8Array): void;
}

/** What the user can do about a failed open, by error number. */
function openHint(result: number, syscall: string, name: string, protocolHint: string): string | undefined {
  switch (-result) {
    case EAFNOSUPPORT:
      return 'this kernel has no CAN support: the module "can" is missing, try "modprobe can", or use a kernel built with CONFIG_CAN';
    case EPROTONOSUPPORT:
      return protocolHint;
    case ENODEV:
      if (syscall === 'bind') return `${name} is not a CAN interface`;
      return 'there is no interface of that name in this network namespace; "ip link show type can" and "ip link show type vcan" list what there is';
    default:
      return undefined;
  }
}

/**
 * Opens a non-blocking PF_CAN socket with receive timestamps and drop counts, and binds it to an interface, which may
 * be down: traffic flows when it is up.
 *
 * Unlike pycyphal, it sets all options before it binds. So every message has a timestamp and has passed the filters.
 *
 * @param configure sets the options of the protocol
 * @throws {SystemError} naming the interface, with a hint; it leaves nothing open then
 */
export function openSocket(
  name: string,
  options: OpenOptions,
  configure: (unbound: UnboundSocket) => void,
  calls = socketCalls,
): OpenedSocket {
  const openedNs = process.hrtime.bigint();
  const guard = (result: number, syscall: string): number => {
    if (result >= 0) return result;
    const hint = openHint(result, syscall, name, options.protocolHint);
    throw systemError(result, syscall, { interface: name, hint });
  };
  const fd = guard(calls.socket(AF_CAN, options.type | SOCK_NONBLOCK | SOCK_CLOEXEC, options.protocol), 'socket');
  try {
    const unbound: UnboundSocket = {
      fd,
      setInt: (level, option, value) => {
        guard(calls.setsockoptInt(fd, level, option, value), 'setsockopt');
      },
      set: (level, option, value) => {
        guard(calls.setsockopt(fd, level, option, value), 'setsockopt');
      },
    };
    const timestamps = chooseTimestamps(fd, name, options.timestamps, calls);
    guard(enableTimestamps(fd, timestamps, calls), 'setsockopt');
    unbound.setInt(SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (calls.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.receiveBufferSize) < 0) {
      // Without CAP_NET_ADMIN the kernel grants at most net.core.rmem_max.
      unbound.setInt(SOL_SOCKET, SO_RCVBUF, options.receiveBufferSize);
    }
    configure(unbound);
    const receiveBufferSize = guard(calls.getsockoptInt(fd, SOL_SOCKET, SO_RCVBUF), 'getsockopt');
    // Never 0, which binds to all interfaces.
    const index = guard(calls.if_nametoindex(fd, name), 'if_nametoindex');
    guard(calls.bind(fd, options.address(index)), 'bind');
    // On an interface that is down, CAN_RAW leaves ENETDOWN as the pending error. Reading it clears it.
    const pending = guard(calls.getsockoptInt(fd, SOL_SOCKET, SO_ERROR), 'getsockopt');
    if (pending !== 0 && pending !== ENETDOWN) guard(-pending, 'bind');
    return { fd, interfaceName: name, index, openedNs, timestamps, receiveBufferSize };
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}
