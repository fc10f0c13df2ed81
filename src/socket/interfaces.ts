import {
  AF_UNIX,
  ARPHRD_CAN,
  close,
  if_nameindex,
  IFF_UP,
  interfaceRequest,
  SIOCGIFFLAGS,
  SIOCGIFHWADDR,
  SIOCGIFMTU,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  socket,
} from '../libc';

/** A CAN interface of this network namespace. */
export interface CANInterface {
  readonly name: string;
  /** The kernel's number for it, above 0. */
  readonly index: number;
  /** Administratively up: frames flow, or would on a bus that works. */
  readonly up: boolean;
  /** Largest frame in bytes: 16 classic, 72 CAN FD, more CAN XL. */
  readonly mtu: number;
  /** Whether it takes CAN FD frames as it is configured now. */
  readonly fd: boolean;
}

/** MTU from which on an interface takes CAN FD frames: sizeof(struct canfd_frame). */
const CANFD_MTU = 72;

/** What an ioctl of netdevice(7) answered, a short or an int by its documentation, or -1 where it failed. */
function answer(fd: number, request: number, name: string, type: 'short' | 'int'): number {
  const union = interfaceRequest(fd, request, name);
  if (typeof union === 'number') return -1;
  const bytes = Uint8Array.from(union).buffer;
  return (type === 'short' ? new Uint16Array(bytes)[0] : new Int32Array(bytes)[0]) ?? -1;
}

/**
 * The CAN interfaces of this network namespace, whatever their names, in the order of the kernel's
 * indices: those of hardware type ARPHRD_CAN. Asked of the kernel by if_nameindex(3) and the ioctls
 * of netdevice(7), not of sysfs, which shows the namespace it was mounted in. Never throws; empty
 * where there is no Linux.
 */
export function listInterfaces(): CANInterface[] {
  if (process.platform !== 'linux') return [];
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return [];
  try {
    return if_nameindex()
      .filter(({ name }) => answer(fd, SIOCGIFHWADDR, name, 'short') === ARPHRD_CAN)
      .map(({ name, index }) => {
        const mtu = answer(fd, SIOCGIFMTU, name, 'int');
        const flags = answer(fd, SIOCGIFFLAGS, name, 'short');
        const up = flags >= 0 && (flags & IFF_UP) !== 0;
        return { name, index, up, mtu, fd: mtu >= CANFD_MTU };
      });
  } finally {
    close(fd);
  }
}
