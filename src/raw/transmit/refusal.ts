import { EINVAL, EMSGSIZE } from '../../libc/errno';
import { systemError } from '../../libc/errors';
import { CANFD_MTU } from '../../frame/constants';
import { DataFrame } from '../../frame/data-frame';
import type { Frame } from '../../frame/frame';
import { SocketCANError } from '../../errors';
import type { SendResult } from '../../send-result';

/**
 * What a send becomes that the kernel refused with a negative error number, after `sent` frames:
 * the system's error, or `ERR_SOCKETCAN_CONFIGURATION` where CAN FD is the matter. An interface that
 * has none says EINVAL to a CAN FD frame (EMSGSIZE in older kernels).
 *
 * @param mtu the interface's, in bytes; undefined where it cannot be told
 */
export function refusal(
  result: number,
  frame: Frame,
  what: SendResult,
  interfaceName: string,
  mtu: number | undefined,
): Error {
  const error = Object.assign(systemError(result, 'sendmmsg', { interface: interfaceName }), {
    sent: what.sent,
    result: what,
  });
  const fd = frame instanceof DataFrame && frame.fd;
  if (!fd || (result !== -EINVAL && result !== -EMSGSIZE)) return error;
  const why =
    mtu !== undefined && mtu < CANFD_MTU
      ? `its MTU is ${mtu}, CAN FD needs ${CANFD_MTU}`
      : 'the device probably does not support CAN FD';
  return new SocketCANError(
    'ERR_SOCKETCAN_CONFIGURATION',
    `${interfaceName} takes no CAN FD frames: ${why}; send classic frames (a media: MTU 8), or reconfigure the interface`,
    { cause: error, interface: interfaceName, sent: what.sent, result: what },
  );
}
