import { Connection, type ConnectionListener } from '../channel/connection';
import { openRawEndpoint, watchLinks } from '../interfaces';
import type { LinkListener } from '../netlink/link';
import type { OutgoingFrames, RawEndpoint, RawState } from './endpoint';
import type { AcceptanceFilters } from './filters/acceptance';
import type { CheckedOptions } from './options';

/** The connection of a CAN_RAW socket to its interface. */
export type RawConnection = Connection<OutgoingFrames, RawEndpoint>;

/** Opens an interface. Each time it is reopened, the endpoint gets the options, state and filters of that moment. */
export function connect(
  interfaceName: string,
  options: CheckedOptions,
  state: RawState,
  filters: AcceptanceFilters,
  listener: ConnectionListener,
): RawConnection {
  const { poller, coalesceMs, reopen } = options;
  const use = {
    interfaceName,
    poller,
    coalesceMs,
    reopen,
    open: () => openRawEndpoint(interfaceName, { ...options, ...state, filters: filters.bytes }),
    watchLinks: (each: LinkListener) => watchLinks(interfaceName, poller, each),
  };
  return new Connection(use, listener);
}
