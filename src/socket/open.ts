import type { Endpoint, EndpointOptions } from './endpoint';
import { openKernelEndpoint } from './kernel-endpoint';

/** Opens what an interface's name stands for: the one place that knows what kinds of them there are. */
export function openEndpoint(interfaceName: string, options: EndpointOptions): Endpoint {
  return openKernelEndpoint(interfaceName, options);
}
