import { checkInt } from './arguments';
import { ETHTOOL_GET_TS_INFO, IFNAMSIZ, SIOCETHTOOL, SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFTXQLEN } from './constants';
import { ENODEV } from './errno';
import { ioctl } from './file';
import { host } from './layouts';
import { Memory } from './memory';

/**
 * if_nametoindex(3) through a socket that is already open (SIOCGIFINDEX of netdevice(7)). The C function opens a
 * socket of its own, and reports "no such device" if no descriptor is left.
 *
 * Returns the index of the interface, or a negative error number; never 0, which bind(2) takes for all interfaces.
 */
export function if_nametoindex(fd: number, name: string): number {
  const index = requestInt(fd, SIOCGIFINDEX, name);
  return index === 0 ? -ENODEV : index;
}

/**
 * One of the SIOCGIF* ioctls of netdevice(7) that takes a name. Returns the bytes of the union in the ifreq, which
 * begins with the answer, or a negative error number.
 */
export function interfaceRequest(fd: number, request: number, name: string): Buffer | number {
  const bytes = nameBytes(name);
  if (bytes === undefined) return -ENODEV;
  const ifreq = host.ifreq.make({ ifr_name: bytes });
  const result = ioctl(fd, request, ifreq);
  return result < 0 ? result : ifreq.subarray(host.ifreq.offset.ifr_value);
}

/** SIOCGIFNAME of netdevice(7). Returns the present name of an interface, or a negative error number. */
export function interfaceNameOf(fd: number, index: number): string | number {
  const ifreq = new Memory(host.ifreq.size);
  ifreq.words[host.ifreq.offset.ifr_value / 4] = checkInt('The index of the interface', index, 1);
  const result = ioctl(fd, SIOCGIFNAME, ifreq.bytes);
  return result < 0 ? result : ifreq.bytes.toString('utf8', 0, ifreq.bytes.indexOf(0));
}

/**
 * ETHTOOL_GET_TS_INFO of linux/ethtool.h, which needs no privilege. Returns the timestamps that the interface
 * supports, as flags of SO_TIMESTAMPING, or a negative error number.
 */
export function timestampingOf(fd: number, name: string): number {
  const bytes = nameBytes(name);
  if (bytes === undefined) return -ENODEV;
  const { size, offset } = host.ethtool_ts_info;
  const info = new Memory(size);
  info.words[offset.cmd / 4] = ETHTOOL_GET_TS_INFO;
  const ifreq = new Memory(host.ifreq.size);
  ifreq.bytes.set(bytes);
  ifreq.setWord(host.ifreq.offset.ifr_value, info.address);
  const result = ioctl(fd, SIOCETHTOOL, ifreq.bytes);
  // Reading it after the call also keeps it alive during the call.
  return result < 0 ? result : (info.words[offset.so_timestamping / 4] as number);
}

/** SIOCGIFTXQLEN. Returns the length of the transmit queue of an interface in packets, or a negative error number. */
export function transmitQueueOf(fd: number, name: string): number {
  return requestInt(fd, SIOCGIFTXQLEN, name);
}

/** Returns the non-negative int that answers a SIOCGIF* ioctl, or a negative error number. */
function requestInt(fd: number, request: number, name: string): number {
  const union = interfaceRequest(fd, request, name);
  return typeof union === 'number' ? union : (new Int32Array(Uint8Array.from(union).buffer)[0] as number);
}

/** Returns a name as bytes; undefined if no interface can have it. C would cut it at a NUL. */
function nameBytes(name: string): Buffer | undefined {
  const bytes = Buffer.from(name);
  return bytes.includes(0) || bytes.byteLength >= IFNAMSIZ ? undefined : bytes;
}
