import { SO_SNDBUF, SOL_SOCKET } from '../../libc/constants';
import type { transmitQueueOf } from '../../libc/interface';
import { host } from '../../libc/layouts';
import type { getsockoptInt } from '../../libc/socket';
import type { RawEndpointOptions } from '../endpoint';

/** Bytes that a frame takes in a send buffer in addition to its own, as in pycyphal. */
const FRAME_OVERHEAD = 444;

/**
 * Returns the value for SO_SNDBUF, which the kernel doubles. Undefined: keep the default. 'queue' works as in
 * pycyphal: the send buffer holds as many frames as the queue of the interface, so that sending returns EAGAIN before
 * that queue is full. It never exceeds the default of the kernel.
 */
export function chooseSendBuffer(
  fd: number,
  name: string,
  { canFD, sendBufferSize }: Pick<RawEndpointOptions, 'canFD' | 'sendBufferSize'>,
  calls: { readonly getsockoptInt: typeof getsockoptInt; readonly transmitQueueOf: typeof transmitQueueOf },
): number | undefined {
  if (sendBufferSize !== 'queue') return sendBufferSize;
  const byDefault = calls.getsockoptInt(fd, SOL_SOCKET, SO_SNDBUF);
  const queue = calls.transmitQueueOf(fd, name);
  if (byDefault < 0 || queue <= 0) return undefined;
  const frame = (canFD ? host.canfd_frame : host.can_frame).size + FRAME_OVERHEAD;
  return Math.floor(Math.min(frame * queue, byDefault) / 2);
}
