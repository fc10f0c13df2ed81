import { DataFrame, listInterfaces, type RemoteFrame } from '../../../index';
import { CANFD_MTU } from '../../../frame/constants';
import { CAN_MAX_LENGTH } from '../../../frame/dlc';
import { virtualBusOf } from '../../receive/virtual';

/**
 * What becomes of CAN FD frames: `auto`, they pass where the other side takes them; `drop`, none
 * passes; `classic`, those of 8 bytes at most are sent as classic frames, and longer ones are dropped.
 */
export const FD_RULES = ['auto', 'drop', 'classic'] as const;
export type FDRule = (typeof FD_RULES)[number];

/** The frame to send; undefined: it is dropped. */
export function applyFDRule(
  frame: DataFrame | RemoteFrame,
  rule: FDRule,
  takesFD: boolean,
): DataFrame | RemoteFrame | undefined {
  if (!(frame instanceof DataFrame && frame.fd)) return frame;
  switch (rule) {
    case 'auto':
      return takesFD ? frame : undefined;
    case 'drop':
      return undefined;
    case 'classic':
      return frame.data.length > CAN_MAX_LENGTH ? undefined : new DataFrame(frame.format, frame.identifier, frame.data);
  }
}

/** Whether an interface takes CAN FD frames as it is configured now; true where nobody tells. */
export function takesFD(interfaceName: string): boolean {
  const bus = virtualBusOf(interfaceName);
  if (bus !== undefined) return bus.mtu === CANFD_MTU;
  return listInterfaces().find(({ name }) => name === interfaceName)?.fd ?? true;
}
