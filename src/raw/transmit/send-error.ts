import { SocketCANError } from '../../errors';
import { CANFD_MTU } from '../../frame/constants';
import { DataFrame } from '../../frame/data-frame';
import type { Frame } from '../../frame/frame';
import { EINVAL, EMSGSIZE } from '../../libc/errno';
import { systemError } from '../../libc/errors';
import type { SendResult } from '../../send-result';

/** A frame that the kernel refused permanently. */
export interface RefusedSend {
  /** The negative error number. */
  readonly errno: number;
  /** The call that failed. */
  readonly syscall: 'send' | 'sendmmsg';
  readonly frame: Frame;
  readonly interfaceName: string;
  /** The MTU of the interface in bytes; undefined: unknown. */
  readonly mtu: number | undefined;
}

/**
 * Returns the error for a refused frame: the system's error, or `ERR_SOCKETCAN_CONFIGURATION` if the interface does
 * not support CAN FD. Such an interface refuses CAN FD frames with EINVAL (EMSGSIZE in older kernels).
 */
export function sendError({ errno, syscall, frame, interfaceName, mtu }: RefusedSend, result: SendResult): Error {
  const { sent } = result;
  const error = Object.assign(systemError(errno, syscall, { interface: interfaceName }), { sent, result });
  const isFD = frame instanceof DataFrame && frame.fd;
  if (!isFD || (errno !== -EINVAL && errno !== -EMSGSIZE)) return error;
  const reason =
    mtu !== undefined && mtu < CANFD_MTU
      ? `its MTU is ${mtu}, CAN FD needs ${CANFD_MTU}`
      : 'the device probably does not support CAN FD';
  return new SocketCANError(
    'ERR_SOCKETCAN_CONFIGURATION',
    `${interfaceName} does not accept CAN FD frames: ${reason}. Send classic frames (SocketCANMedia: MTU 8) or reconfigure the interface.`,
    { cause: error, interface: interfaceName, sent, result },
  );
}
