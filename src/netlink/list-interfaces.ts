import { debuglog } from 'node:util';
import { errorName } from '../libc/errors';
import { parseInterface, type CANInterface } from './can-interface';
import { dumpLinks } from './dump';

const debug = debuglog('socketcan:netlink');

/**
 * Returns the CAN interfaces of this network namespace (hardware type ARPHRD_CAN, any name), in the order of their
 * indexes. It asks the kernel by rtnetlink(7), because sysfs shows the namespace in which it was mounted.
 *
 * Never throws. Returns an empty array on other systems than Linux and without netlink; `NODE_DEBUG=socketcan:netlink`
 * logs the reason.
 */
export function listInterfaces(): CANInterface[] {
  if (process.platform !== 'linux') return [];
  const links = dumpLinks();
  if (typeof links === 'number') {
    debug('cannot list interfaces: rtnetlink returned %s', errorName(-links));
    return [];
  }
  // Keep one entry per index: the answer may contain an interface twice if it changed during the dump.
  const found = new Map<number, CANInterface>();
  for (const link of links) {
    const each = parseInterface(link);
    if (each !== undefined) found.set(each.index, each);
  }
  return [...found.values()].sort((a, b) => a.index - b.index);
}
