import { integer } from './arguments';
import { ETHTOOL_GET_TS_INFO, IFNAMSIZ, SIOCETHTOOL, SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFTXQLEN } from './constants';
import { ENODEV } from './errno';
import { ioctl } from './file';
import { host } from './layouts';
import { Memory } from './memory';

/**
 * if_nametoindex(3), asked through a socket that is open already (SIOCGIFINDEX of netdevice(7)): the C
 * function opens one of its own, and says that there is no interface where it finds no descriptor left.
 * Returns the interface's index, which is never 0, or a negative error number: 0 must never reach
 * bind(2), where it means every interface.
 */
export function if_nametoindex(fd: number, name: string): number {
  const union = interfaceRequest(fd, SIOCGIFINDEX, name);
  if (typeof union === 'number') return union;
  const [index = 0] = new Int32Array(Uint8Array.from(union).buffer);
  return index > 0 ? index : -ENODEV;
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

/** The name an interface has now, by its index. Returns it, or a negative error number. */
export function interfaceNameOf(fd: number, index: number): string | number {
  const ifreq = new Memory(host.ifreq.size);
  ifreq.words[host.ifreq.offset.ifr_value / 4] = integer(index, 'The index of the interface', 1);
  const result = ioctl(fd, SIOCGIFNAME, ifreq.bytes);
  return result < 0 ? result : ifreq.bytes.toString('utf8', 0, ifreq.bytes.indexOf(0));
}

/**
 * What time stamps an interface can give, as flags of SO_TIMESTAMPING: ETHTOOL_GET_TS_INFO of
 * linux/ethtool.h, which needs no privilege. Returns them, or a negative error number.
 */
export function timestampingOf(fd: number, name: string): number {
  const bytes = Buffer.from(name);
  if (name.includes('\0') || bytes.byteLength >= IFNAMSIZ) return -ENODEV;
  const { size, offset } = host.ethtool_ts_info;
  const info = new Memory(size);
  info.words[offset.cmd / 4] = ETHTOOL_GET_TS_INFO;
  const ifreq = new Memory(host.ifreq.size);
  ifreq.bytes.set(bytes);
  ifreq.setWord(host.ifreq.offset.ifr_value, info.address);
  const result = ioctl(fd, SIOCETHTOOL, ifreq.bytes);
  // Looked at after the call, so that it is alive during it.
  return result < 0 ? result : (info.words[offset.so_timestamping / 4] as number);
}

/** Packets that the transmit queue of an interface holds. Returns it, or a negative error number. */
export function transmitQueueOf(fd: number, name: string): number {
  const union = interfaceRequest(fd, SIOCGIFTXQLEN, name);
  return typeof union === 'number' ? union : (new Int32Array(Uint8Array.from(union).buffer)[0] ?? 0);
}
