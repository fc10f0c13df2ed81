import { DataFrame, listInterfaces, type RemoteFrame, type VirtualBus } from '../../../index';
import { virtualBusOf } from '../../interfaces/virtual';

/**
 * What the bridge does with CAN FD frames. `auto` forwards them if the destination supports CAN FD, and drops them
 * otherwise. `drop` drops them. `classic` converts those of up to 8 bytes to classic frames, and drops longer ones.
 */
export const FD_RULES = ['auto', 'drop', 'classic'] as const;
export type FDRule = (typeof FD_RULES)[number];

/** The MTU of a virtual bus that carries CAN FD frames. */
const FD_MTU: VirtualBus['mtu'] = 72;

/** Returns the frame to send, or undefined to drop it. */
export function applyFDRule(
  frame: DataFrame | RemoteFrame,
  rule: FDRule,
  destinationSupportsFD: boolean,
): DataFrame | RemoteFrame | undefined {
  if (!(frame instanceof DataFrame && frame.fd)) return frame;
  switch (rule) {
    case 'auto':
      return destinationSupportsFD ? frame : undefined;
    case 'drop':
      return undefined;
    case 'classic': {
      // Without flags, a data frame is CAN FD only if its data do not fit into a classic frame.
      const shortest = new DataFrame(frame.format, frame.identifier, frame.data);
      return shortest.fd ? undefined : shortest;
    }
  }
}

/** Whether an interface takes CAN FD frames in its current configuration; true if that is unknown. */
export function supportsFD(interfaceName: string): boolean {
  const bus = virtualBusOf(interfaceName);
  if (bus !== undefined) return bus.mtu === FD_MTU;
  return listInterfaces().find(({ name }) => name === interfaceName)?.fd ?? true;
}
