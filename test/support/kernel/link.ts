import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { AF_CAN, CAN_RAW, check, close, host, ioctl, SOCK_RAW, socket } from '../../../src/libc';

/* linux/sockios.h, net/if.h */
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;

/**
 * netdevice(7): sets an interface up or down within this call, where ip(8) takes 0.1 s in which other
 * threads have long looked. Needs CAP_NET_ADMIN. Returns the monotonic time, in ns, right before.
 */
export function setLink(name: string, up: boolean): bigint {
  const fd = check(socket(AF_CAN, SOCK_RAW, CAN_RAW), 'socket');
  try {
    const ifreq = host.ifreq.make({ ifr_name: Buffer.from(name) });
    check(ioctl(fd, SIOCGIFFLAGS, ifreq), 'ioctl', { interface: name });
    const flags = new Uint16Array(
      ifreq.buffer,
      ifreq.byteOffset + host.ifreq.offset.ifr_value,
      1,
    ) as Uint16Array & [number];
    flags[0] = up ? flags[0] | IFF_UP : flags[0] & ~IFF_UP;
    const before = process.hrtime.bigint();
    check(ioctl(fd, SIOCSIFFLAGS, ifreq), 'ioctl', { interface: name });
    return before;
  } finally {
    close(fd);
  }
}

/** ip(8), while this thread goes on. */
export async function ipMeanwhile(...args: readonly string[]): Promise<void> {
  await promisify(execFile)('ip', args);
}

/**
 * Whether this kernel is one of scripts/can-guest.sh and all its own: its modules can be taken away
 * and its clock be set, which is not to be done to anybody's machine.
 */
export function isGuest(): boolean {
  return readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');
}
