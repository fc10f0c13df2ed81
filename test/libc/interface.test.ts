import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { AF_UNIX, SOCK_CLOEXEC, SIOCGIFMTU, SIOCGIFFLAGS, IFF_UP, ARPHRD_CAN } from '../../src/libc/constants';
import { ENODEV, EBADF } from '../../src/libc/errno';
import { check } from '../../src/libc/errors';
import { close } from '../../src/libc/file';
import { if_nametoindex, interfaceRequest, interfaceNameOf, timestampingOf } from '../../src/libc/interface';
import { socket } from '../../src/libc/socket';
import { wrong } from '../support/asserts/thrown';
import { SIOCGIFHWADDR, SOCK_DGRAM } from '../support/headers/constants';

describe('if_nametoindex', () => {
  let fd: number;
  before(() => {
    fd = check(socket(AF_UNIX, SOCK_DGRAM, 0), 'socket');
  });
  after(() => {
    close(fd);
  });

  it('finds lo with its index in sysfs', () => {
    const index = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'));
    expect(index).to.be.greaterThan(0);
    expect(if_nametoindex(fd, 'lo')).to.equal(index);
  });

  it('returns -ENODEV, never 0, for a name that does not exist', () => {
    for (const name of ['', 'nosuchif0', 'LO', ' lo', 'lo/', 'l']) {
      expect(if_nametoindex(fd, name), JSON.stringify(name)).to.equal(-ENODEV);
    }
  });

  it('does not find lo by a name that C reads as lo', () => {
    expect(if_nametoindex(fd, 'lo\0')).to.equal(-ENODEV);
    expect(if_nametoindex(fd, 'lo\0x')).to.equal(-ENODEV);
  });

  it('returns -ENODEV for a name of 16 bytes or more, also with fewer characters', () => {
    for (const name of ['x'.repeat(16), 'x'.repeat(1000), '\u00fc'.repeat(8)]) {
      expect(if_nametoindex(fd, name)).to.equal(-ENODEV);
    }
  });

  it('returns -EBADF for a descriptor that is not open', () => {
    expect(if_nametoindex(0x7fff_fff0, 'lo')).to.equal(-EBADF);
  });
});

describe('interfaceRequest', () => {
  let fd = -1;
  before(() => {
    fd = check(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket');
  });
  after(() => {
    close(fd);
  });

  function int(request: number, name: string): number {
    const answer = interfaceRequest(fd, request, name);
    if (typeof answer === 'number') return answer;
    return new Int32Array(Uint8Array.from(answer).buffer)[0] as number;
  }

  it('returns the MTU', () => {
    const mtu = Number(readFileSync('/sys/class/net/lo/mtu', 'utf8'));
    expect(int(SIOCGIFMTU, 'lo')).to.equal(mtu);
  });

  it('returns whether the interface is up', () => {
    const up = networkInterfaces()['lo'] !== undefined;
    expect((int(SIOCGIFFLAGS, 'lo') & IFF_UP) !== 0).to.equal(up);
  });

  it('returns the hardware type, which is not CAN for lo', () => {
    const type = Number(readFileSync('/sys/class/net/lo/type', 'utf8'));
    expect(int(SIOCGIFHWADDR, 'lo') & 0xffff).to.equal(type);
    expect(type).to.not.equal(ARPHRD_CAN);
  });

  it('returns -ENODEV for names that do not exist', () => {
    for (const name of ['nosuchif0', '', 'x'.repeat(16), 'lo\0x']) {
      expect(int(SIOCGIFMTU, name), JSON.stringify(name)).to.equal(-ENODEV);
    }
  });
});

describe('interfaceNameOf', () => {
  let fd = -1;
  before(() => {
    fd = check(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket');
  });
  after(() => {
    close(fd);
  });

  it('is the inverse of if_nametoindex for every interface', () => {
    for (const name of readdirSync('/sys/class/net')) {
      const index = Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
      expect(interfaceNameOf(fd, index)).to.equal(name);
    }
  });

  it('returns -ENODEV for an unused index, and -EBADF without a socket', () => {
    expect(interfaceNameOf(fd, 0x7fff_ffff)).to.equal(-ENODEV);
    expect(interfaceNameOf(0x7fff_ffff, 1)).to.equal(-EBADF);
  });

  it('throws for a wrong index or descriptor', () => {
    for (const index of [0, -1, 1.5, NaN, 2 ** 31, 2 ** 53]) {
      expect(() => interfaceNameOf(fd, index)).to.throw(RangeError, 'index of the interface');
    }
    for (const index of ['1', undefined, null, 1n]) {
      expect(() => interfaceNameOf(fd, wrong(index))).to.throw(TypeError, 'index');
    }
    for (const descriptor of [-1, 1.5, NaN]) {
      expect(() => interfaceNameOf(descriptor, 1)).to.throw(RangeError, 'descriptor');
    }
  });
});

describe('timestampingOf', () => {
  let fd = -1;
  before(() => {
    fd = check(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket');
  });
  after(() => {
    close(fd);
  });

  it('reports timestamps of the kernel and none of hardware for lo', () => {
    const offered = timestampingOf(fd, 'lo');
    // linux/net_tstamp.h: RX_SOFTWARE is 8, SOFTWARE 16, RX_HARDWARE 4, RAW_HARDWARE 64.
    expect(offered & (8 | 16)).to.equal(8 | 16);
    expect(offered & (4 | 64)).to.equal(0);
  });

  it('returns -ENODEV for names that do not exist or cannot exist', () => {
    for (const name of ['nosuchif0', '', 'x'.repeat(16), '\u00fc'.repeat(8), 'lo\0', 'lo\0x']) {
      expect(timestampingOf(fd, name), JSON.stringify(name)).to.equal(-ENODEV);
    }
  });

  it('returns -EBADF without a socket, and throws for a wrong descriptor', () => {
    expect(timestampingOf(0x7fff_ffff, 'lo')).to.equal(-EBADF);
    for (const descriptor of [-1, 1.5, NaN]) {
      expect(() => timestampingOf(descriptor, 'lo')).to.throw(RangeError, 'descriptor');
    }
  });
});
