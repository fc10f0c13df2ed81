import { VirtualBus } from '../../index';

const SCHEME = 'virtual:';

/** Whether an interface is a virtual bus of this process. */
export function isVirtual(interfaceName: string): boolean {
  return interfaceName.startsWith(SCHEME);
}

/** The virtual bus of this name, or undefined for an interface of Linux. */
export function virtualBusOf(interfaceName: string): VirtualBus | undefined {
  return isVirtual(interfaceName) ? VirtualBus.get(interfaceName.slice(SCHEME.length)) : undefined;
}
