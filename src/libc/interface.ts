import { libc } from './bindings';
import { IFNAMSIZ } from './constants';
import { ENODEV } from './errno';
import { ioctl } from './file';
import { host } from './layouts';

/**
 * if_nametoindex(3). Returns the interface's index, which is never 0, or a negative error number:
 * the C function's 0 must never reach bind(2), where it means every interface.
 */
export function if_nametoindex(name: string): number {
  // The C function would truncate or stop at the NUL and find another interface.
  if (name.includes('\0') || Buffer.byteLength(name) >= IFNAMSIZ) return -ENODEV;
  const index = libc().if_nametoindex(name);
  return index === 0 ? -ENODEV : index;
}

/**
 * One of the SIOCGIF* ioctls of netdevice(7), answered in the first int (or short) of the ifreq's
 * union. Returns the ifreq's union as bytes, or a negative error number.
 */
export function interfaceRequest(fd: number, request: number, name: string): Buffer | number {
  const bytes = Buffer.from(name);
  if (name.includes('\0') || bytes.byteLength >= IFNAMSIZ) return -ENODEV;
  const ifreq = host.ifreq.make({ ifr_name: bytes });
  const result = ioctl(fd, request, ifreq);
  return result < 0 ? result : ifreq.subarray(host.ifreq.offset.ifr_value);
}
