import { readFileSync } from 'node:fs';
import { ENODEV } from '../../../src/libc/errno';

/**
 * The kernel's number of an interface, or -ENODEV. Read from sysfs: the ioctls of netdevice(7) make the
 * kernel run modprobe(8) for a name that does not exist, which takes 0.2 s in the guest.
 */
export function interfaceIndex(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
  } catch {
    return -ENODEV;
  }
}
