import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import * as libc from '../../src/libc';

const { ENODEV, if_nametoindex, interfaceRequest } = libc;

describe('if_nametoindex', () => {
  let fd: number;
  before(() => {
    fd = libc.check(libc.socket(libc.AF_UNIX, libc.SOCK_DGRAM, 0), 'socket');
  });
  after(() => {
    libc.close(fd);
  });

  it('finds lo under the index sysfs tells', () => {
    const index = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'));
    expect(index).to.be.greaterThan(0);
    expect(if_nametoindex(fd, 'lo')).to.equal(index);
  });

  it('returns -ENODEV, never 0, for a name that is not there', () => {
    for (const name of ['', 'nosuchif0', 'LO', ' lo', 'lo/', 'l']) {
      expect(if_nametoindex(fd, name), JSON.stringify(name)).to.equal(-ENODEV);
    }
  });

  it('does not find lo by a name that C would take for it', () => {
    expect(if_nametoindex(fd, 'lo\0')).to.equal(-ENODEV);
    expect(if_nametoindex(fd, 'lo\0x')).to.equal(-ENODEV);
  });

  it('returns -ENODEV for a name of 16 bytes or more, also if it has fewer characters', () => {
    for (const name of ['x'.repeat(16), 'x'.repeat(1000), '\u00fc'.repeat(8)]) {
      expect(if_nametoindex(fd, name)).to.equal(-ENODEV);
    }
  });

  it('passes on what the system says of the descriptor', () => {
    expect(if_nametoindex(0x7fff_fff0, 'lo')).to.equal(-libc.EBADF);
  });
});

describe('interfaceRequest', () => {
  let fd = -1;
  before(() => {
    fd = libc.check(libc.socket(libc.AF_UNIX, libc.SOCK_DGRAM | libc.SOCK_CLOEXEC, 0), 'socket');
  });
  after(() => {
    libc.close(fd);
  });

  function int(request: number, name: string): number {
    const answer = interfaceRequest(fd, request, name);
    if (typeof answer === 'number') return answer;
    return new Int32Array(Uint8Array.from(answer).buffer)[0] as number;
  }

  it('tells the MTU', () => {
    const mtu = Number(readFileSync('/sys/class/net/lo/mtu', 'utf8'));
    expect(int(libc.SIOCGIFMTU, 'lo')).to.equal(mtu);
  });

  it('tells whether the interface is up', () => {
    const up = networkInterfaces()['lo'] !== undefined;
    expect((int(libc.SIOCGIFFLAGS, 'lo') & libc.IFF_UP) !== 0).to.equal(up);
  });

  it('tells the hardware type, which is not that of CAN for lo', () => {
    const type = Number(readFileSync('/sys/class/net/lo/type', 'utf8'));
    expect(int(libc.SIOCGIFHWADDR, 'lo') & 0xffff).to.equal(type);
    expect(type).to.not.equal(libc.ARPHRD_CAN);
  });

  it('returns -ENODEV for names that are not there', () => {
    for (const name of ['nosuchif0', '', 'x'.repeat(16), 'lo\0x']) {
      expect(int(libc.SIOCGIFMTU, name), JSON.stringify(name)).to.equal(-ENODEV);
    }
  });
});
