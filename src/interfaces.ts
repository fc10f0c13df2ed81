import { LinkMonitor } from './netlink/monitor';
import type { LinkListener, LinkSubscription } from './netlink/link';
import { checkString, invalidValue } from './options/check';
import { INVALID_NAME } from './options/invalid';
import type { PollerKind } from './poller/kinds';
import type { RawEndpoint, RawEndpointOptions } from './raw/endpoint';
import { openKernelEndpoint } from './raw/kernel/open';
import { VirtualBus } from './virtual/bus';
import { VirtualEndpoint } from './virtual/endpoint';

/*
 * The only place that knows the kinds of interfaces, and the implementation that a name stands for.
 */

/** The target of a name: an interface of the kernel, or a bus of this process. */
export interface ParsedName {
  readonly scheme: 'kernel' | 'virtual';
  /** The name without the scheme. */
  readonly name: string;
}

/**
 * Parses the name of an interface: `can0` is an interface of the kernel, `virtual:NAME` a bus of this process.
 *
 * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_NAME`
 */
export function parseInterfaceName(interfaceName: unknown): ParsedName {
  const text = checkString('The interface name', interfaceName, INVALID_NAME);
  const colon = text.indexOf(':');
  if (colon < 0) return { scheme: 'kernel', name: checkKernelName(text) };
  const scheme = text.slice(0, colon);
  const name = text.slice(colon + 1);
  if (scheme !== 'virtual') {
    const found = `Unknown scheme ${JSON.stringify(scheme)} in the interface name ${JSON.stringify(text)}`;
    throw INVALID_NAME.range(`${found}: valid names are like can0, vcan0 and virtual:NAME`);
  }
  if (name === '') throw INVALID_NAME.range('The name of a virtual bus is empty: virtual:NAME needs a NAME');
  return { scheme, name };
}

/** netdevice(7): IFNAMSIZ is 16 bytes with the NUL, and the kernel refuses "/", ":" and white space. */
function checkKernelName(name: string): string {
  if (name !== '' && Buffer.byteLength(name) <= 15 && !/[\s/\0]/.test(name)) return name;
  throw invalidValue('The interface name', '1 to 15 bytes without white space, "/" and ":"', name, true, INVALID_NAME);
}

/** Opens a CAN_RAW socket on an interface. @throws {SystemError} */
export function openRawEndpoint(interfaceName: string, options: RawEndpointOptions): RawEndpoint {
  const { scheme, name } = parseInterfaceName(interfaceName);
  return scheme === 'virtual' ? new VirtualEndpoint(name, options) : openKernelEndpoint(name, options);
}

/** Subscribes to link changes from the source that reports those of an interface. @throws {SystemError} */
export function watchLinks(interfaceName: string, poller: PollerKind, listener: LinkListener): LinkSubscription {
  const { scheme, name } = parseInterfaceName(interfaceName);
  return scheme === 'virtual' ? VirtualBus.get(name).watch(listener) : LinkMonitor.subscribe(poller, listener);
}
