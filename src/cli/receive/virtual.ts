import { VirtualBus } from '../../index';

const SCHEME = 'virtual:';

/** Whether an interface is a bus of this process. */
export function isVirtual(interfaceName: string): boolean {
  return interfaceName.startsWith(SCHEME);
}

/** The bus of this process that an interface is; undefined for one of Linux. */
export function virtualBusOf(interfaceName: string): VirtualBus | undefined {
  return isVirtual(interfaceName) ? VirtualBus.get(interfaceName.slice(SCHEME.length)) : undefined;
}
