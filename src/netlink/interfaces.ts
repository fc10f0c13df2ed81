import { debuglog } from 'node:util';
import {
  IFLA_MTU,
  ARPHRD_CAN,
  IFLA_LINKINFO,
  IFLA_INFO_KIND,
  IFLA_INFO_DATA,
  IFLA_INFO_XSTATS,
  IFF_UP,
  IFF_LOWER_UP,
  IFLA_TXQLEN,
  IFLA_STATS64,
} from '../libc/constants';
import { errorName } from '../libc/errors';
import { attributes, readU32 } from '../libc/netlink';
import { parseController, parseDeviceStatistics, type CANController, type DeviceStatistics } from './controller';
import { dumpLinks } from './dump';
import { known } from './omit-undefined';
import { text, type LinkMessage } from './link-message';
import { parseTraffic, type Traffic } from './traffic';

const debug = debuglog('socketcan');

/** MTU from which on an interface takes CAN FD frames: sizeof(struct canfd_frame). */
const CANFD_MTU = 72;

/**
 * A CAN interface of this network namespace, as it was when asked. What is not known is absent; what
 * a controller has (from {@link CANController}) interfaces without one never have.
 */
export interface CANInterface extends CANController {
  /** As ip-link(8) has it: `can0`. */
  readonly name: string;
  /** The kernel's number for it, above 0. */
  readonly index: number;
  /** The driver's kind of interface: `vcan`, `vxcan`, `can` for controllers, ... */
  readonly kind?: string;
  /** Administratively up: frames flow, or would on a bus that works. */
  readonly up: boolean;
  /**
   * Whether frames reach the bus (IFF_LOWER_UP): false while the interface or a vxcan's peer is down,
   * and in bus-off. What is sent without it is lost.
   */
  readonly carrier: boolean;
  /** Largest frame in bytes: 16 classic, 72 CAN FD, more CAN XL. */
  readonly mtu: number;
  /** Whether it takes CAN FD frames as it is configured now. */
  readonly fd: boolean;
  /** How many frames may wait in the interface's queue. */
  readonly txQueueLength?: number;
  /** What the controller has counted. */
  readonly deviceStatistics?: DeviceStatistics;
  /** What the interface has counted. */
  readonly traffic?: Traffic;
}

/** What a link message tells of a CAN interface; undefined when it is of another or lacks name or MTU. */
export function interfaceOf(message: LinkMessage): CANInterface | undefined {
  const { index, flags, name, hardwareType } = message;
  const all = attributes(message.attributes);
  const of = (type: number) => all.get(type) ?? new Uint8Array(0);
  const mtu = readU32(of(IFLA_MTU));
  if (hardwareType !== ARPHRD_CAN || name === undefined || mtu === undefined) return undefined;

  const info = attributes(of(IFLA_LINKINFO));
  const kind = text(info.get(IFLA_INFO_KIND));
  const data = kind === 'can' ? info.get(IFLA_INFO_DATA) : undefined;
  const xstats = kind === 'can' ? info.get(IFLA_INFO_XSTATS) : undefined;
  return {
    name,
    index,
    ...known({ kind }),
    up: (flags & IFF_UP) !== 0,
    // Not IFLA_CARRIER: of an interface that is down it tells what happened to be the case last.
    carrier: (flags & IFF_LOWER_UP) !== 0,
    mtu,
    fd: mtu >= CANFD_MTU,
    ...known({ txQueueLength: readU32(of(IFLA_TXQLEN)) }),
    ...(data === undefined ? {} : parseController(data)),
    ...known({
      deviceStatistics: xstats === undefined ? undefined : parseDeviceStatistics(xstats),
      traffic: parseTraffic(of(IFLA_STATS64)),
    }),
  };
}

/**
 * The CAN interfaces of this network namespace, whatever their names, in the order of the kernel's
 * indices: those of hardware type ARPHRD_CAN. Asked of the kernel by rtnetlink(7), not of sysfs,
 * which shows the namespace it was mounted in. Never throws; empty where there is no Linux or no
 * netlink, which NODE_DEBUG=socketcan tells.
 */
export function listInterfaces(): CANInterface[] {
  if (process.platform !== 'linux') return [];
  const links = dumpLinks();
  if (typeof links === 'number') {
    debug('interfaces cannot be listed, rtnetlink says %s', errorName(-links));
    return [];
  }
  // By index, so that one the kernel told twice, having been asked during a change, is there once.
  const found = new Map<number, CANInterface>();
  for (const link of links) {
    const each = interfaceOf(link);
    if (each !== undefined) found.set(each.index, each);
  }
  return [...found.values()].sort((a, b) => a.index - b.index);
}
