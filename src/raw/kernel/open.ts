import { openSocket, socketCalls } from '../../channel/kernel/open-socket';
import {
  AF_CAN,
  CAN_RAW,
  CAN_RAW_ERR_FILTER,
  CAN_RAW_FD_FRAMES,
  CAN_RAW_FILTER,
  CAN_RAW_JOIN_FILTERS,
  CAN_RAW_LOOPBACK,
  CAN_RAW_RECV_OWN_MSGS,
  SO_SNDBUF,
  SOCK_RAW,
  SOL_CAN_RAW,
  SOL_SOCKET,
} from '../../libc/constants';
import { transmitQueueOf } from '../../libc/interface';
import { host } from '../../libc/layouts';
import type { RawEndpoint, RawEndpointOptions } from '../endpoint';
import { RawKernelEndpoint } from './raw-kernel-endpoint';
import { chooseSendBuffer } from './send-buffer';

/** The system calls that open a CAN_RAW socket. Tests inject others. */
export const rawSocketCalls = { ...socketCalls, transmitQueueOf };

const PROTOCOL_HINT =
  'this kernel has no raw CAN sockets: the module "can-raw" is missing, try "modprobe can-raw", or use a kernel built with CONFIG_CAN_RAW';

/**
 * Opens a CAN_RAW socket on an interface of the kernel.
 *
 * @throws {SystemError} naming the interface, with a hint; it leaves nothing open then
 */
export function openKernelEndpoint(name: string, options: RawEndpointOptions, calls = rawSocketCalls): RawEndpoint {
  const { timestamps, receiveBufferSize } = options;
  const open = {
    type: SOCK_RAW,
    protocol: CAN_RAW,
    protocolHint: PROTOCOL_HINT,
    timestamps,
    receiveBufferSize,
    address: (index: number) => host.sockaddr_can.make({ can_family: AF_CAN, can_ifindex: index }),
  };
  const opened = openSocket(
    name,
    open,
    (unbound) => {
      const sendBufferSize = chooseSendBuffer(unbound.fd, name, options, calls);
      if (sendBufferSize !== undefined) unbound.setInt(SOL_SOCKET, SO_SNDBUF, sendBufferSize);
      if (options.canFD) unbound.setInt(SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1);
      if (!options.loopback) unbound.setInt(SOL_CAN_RAW, CAN_RAW_LOOPBACK, 0);
      if (options.joinFilters) unbound.setInt(SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS, 1);
      if (options.receiveOwn) unbound.setInt(SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, 1);
      if (options.errorMask !== 0) unbound.setInt(SOL_CAN_RAW, CAN_RAW_ERR_FILTER, options.errorMask);
      if (options.filters !== undefined) unbound.set(SOL_CAN_RAW, CAN_RAW_FILTER, options.filters);
    },
    calls,
  );
  return new RawKernelEndpoint(opened);
}
