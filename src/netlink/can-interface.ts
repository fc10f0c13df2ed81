import {
  ARPHRD_CAN,
  IFF_LOWER_UP,
  IFF_UP,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_XSTATS,
  IFLA_LINKINFO,
  IFLA_MTU,
  IFLA_STATS64,
  IFLA_TXQLEN,
} from '../libc/constants';
import { host } from '../libc/layouts';
import { parseAttributes, readString, readU32 } from '../libc/netlink';
import { parseController, parseDeviceStatistics, type CANController, type DeviceStatistics } from './controller';
import type { LinkMessage } from './link-message';
import { omitUndefined } from './omit-undefined';
import { parseTraffic, type Traffic } from './traffic';

/** CANFD_MTU: an interface with this MTU or more accepts CAN FD frames. */
const CANFD_MTU = host.canfd_frame.size;

/**
 * A CAN interface of this network namespace, as it was at the time of the request. Unknown properties are absent.
 * Interfaces without a controller lack the properties of {@link CANController}.
 */
export interface CANInterface extends CANController {
  /** The name, as in ip-link(8): `can0`. */
  readonly name: string;
  /** The index that the kernel gave to the interface, above 0. */
  readonly index: number;
  /** The kind of interface: `vcan`, `vxcan`, `can` for controllers, ... */
  readonly kind?: string;
  /** Whether the interface is administratively up: frames flow, or would on a working bus. */
  readonly up: boolean;
  /**
   * Whether frames reach the bus (IFF_LOWER_UP). False while the interface or the peer of a vxcan is down, and in
   * bus-off; frames sent then are lost.
   */
  readonly carrier: boolean;
  /** The size of the largest frame in bytes: 16 for classic CAN, 72 for CAN FD, more for CAN XL. */
  readonly mtu: number;
  /** Whether the interface accepts CAN FD frames in its present configuration. */
  readonly fd: boolean;
  /** The number of frames that the queue of the interface holds. */
  readonly txQueueLength?: number;
  /** The counters of the controller. */
  readonly deviceStatistics?: DeviceStatistics;
  /** The counters of the interface. */
  readonly traffic?: Traffic;
}

/** Parses a message about an interface. Returns undefined without name or MTU, and if it is not a CAN interface. */
export function parseInterface(message: LinkMessage): CANInterface | undefined {
  const { index, flags, name, hardwareType } = message;
  const attributes = parseAttributes(message.attributes);
  const mtu = readU32(attributes.get(IFLA_MTU));
  if (hardwareType !== ARPHRD_CAN || name === undefined || mtu === undefined) return undefined;

  const info = parseAttributes(attributes.get(IFLA_LINKINFO));
  const kind = readString(info.get(IFLA_INFO_KIND));
  // Only the driver kind `can` fills these with data of a controller.
  const data = kind === 'can' ? info.get(IFLA_INFO_DATA) : undefined;
  const statistics = kind === 'can' ? info.get(IFLA_INFO_XSTATS) : undefined;
  return {
    name,
    index,
    ...omitUndefined({ kind }),
    up: (flags & IFF_UP) !== 0,
    // Not IFLA_CARRIER, which is out of date while the interface is down.
    carrier: (flags & IFF_LOWER_UP) !== 0,
    mtu,
    fd: mtu >= CANFD_MTU,
    ...omitUndefined({ txQueueLength: readU32(attributes.get(IFLA_TXQLEN)) }),
    ...(data === undefined ? {} : parseController(data)),
    ...omitUndefined({
      deviceStatistics: parseDeviceStatistics(statistics),
      traffic: parseTraffic(attributes.get(IFLA_STATS64)),
    }),
  };
}
