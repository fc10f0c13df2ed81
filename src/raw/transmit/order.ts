import type { Rank } from '../../channel/transmit/compose';
import { ErrorFrame } from '../../frame/error-frame';
import type { Frame } from '../../frame/frame';
import { arbitrationKey } from '../../frame/timing/arbitration';

/**
 * The order in which frames of different calls are sent. The frames of one call keep their order.
 *
 * - 'fifo': in the order of the calls
 * - 'priority': of the next frames of all calls, the one that wins arbitration on the bus goes first. If they are
 *   equal, the earlier call goes first.
 */
export type SendOrder = 'fifo' | 'priority';

export const SEND_ORDERS: readonly SendOrder[] = ['fifo', 'priority'];

/** The ranks by which a queue sends frames in this order; undefined: in the order of the calls. */
export function rankOf(order: SendOrder): Rank<Frame> | undefined {
  return order === 'fifo' ? undefined : arbitrationRank;
}

/** Error frames are not sent on a bus, so they go before all others. */
function arbitrationRank(frame: Frame): number {
  return frame instanceof ErrorFrame ? -1 : arbitrationKey(frame);
}
