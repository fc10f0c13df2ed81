import { VirtualEndpoint } from '../virtual';
import type { Endpoint, EndpointOptions } from './endpoint';
import { interfaceKind } from './interface-name';
import { openKernelEndpoint } from './kernel-endpoint';

/** Opens what an interface's name stands for: the one place that knows what kinds of them there are. */
export function openEndpoint(interfaceName: string, options: EndpointOptions): Endpoint {
  const { scheme, name } = interfaceKind(interfaceName);
  return scheme === 'virtual'
    ? new VirtualEndpoint(name, options)
    : openKernelEndpoint(name, options);
}
