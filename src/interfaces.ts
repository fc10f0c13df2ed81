import { VirtualBus } from './virtual/bus';
import { VirtualEndpoint } from './virtual/endpoint';
import type { Endpoint, EndpointOptions } from './raw/endpoint';
import { interfaceKind } from './interface-name';
import { openKernelEndpoint } from './raw/kernel/open';
import type { PollerKind } from './poller/kinds';
import { LinkMonitor } from './netlink/monitor';
import type { LinkListener, LinkSubscription } from './netlink/link';

/*
 * What an interface's name stands for: the one place that knows what kinds of them there are.
 */

/** @throws {SystemError} */
export function openEndpoint(interfaceName: string, options: EndpointOptions): Endpoint {
  const { scheme, name } = interfaceKind(interfaceName);
  return scheme === 'virtual' ? new VirtualEndpoint(name, options) : openKernelEndpoint(name, options);
}

/** Who tells what becomes of the interface. @throws {SystemError} */
export function watchLinks(interfaceName: string, poller: PollerKind, listener: LinkListener): LinkSubscription {
  const { scheme, name } = interfaceKind(interfaceName);
  return scheme === 'virtual' ? VirtualBus.get(name).watch(listener) : LinkMonitor.subscribe(poller, listener);
}
