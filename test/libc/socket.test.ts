import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  AF_CAN,
  AF_UNIX,
  CAN_RAW,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  SO_TIMESTAMPNS_NEW,
  SO_RCVBUF,
  SK_MEMINFO_VARS,
  SO_MEMINFO,
} from '../../src/libc/constants';
import { EAFNOSUPPORT, EINVAL, EPROTONOSUPPORT } from '../../src/libc/errno';
import { close, read } from '../../src/libc/file';
import { host } from '../../src/libc/layouts';
import { sendto } from '../../src/libc/message';
import { socket, socketpair, getsockoptInt, setsockoptInt, getsockopt, setsockopt, bind } from '../../src/libc/socket';
import { ENOPROTOOPT, SOCK_DGRAM } from '../support/headers/constants';
import { openFlags } from '../support/processes/process';
import { Pair } from '../support/traffic/pairs';

describe('socket', () => {
  it('returns a descriptor that a child inherits only without SOCK_CLOEXEC', () => {
    for (const flag of [0, SOCK_CLOEXEC]) {
      const fd = socket(AF_UNIX, SOCK_DGRAM | flag, 0);
      expect(fd).to.be.greaterThan(2);
      expect(openFlags(fd) & SOCK_CLOEXEC).to.equal(flag);
      close(fd);
    }
  });

  it('returns -EAFNOSUPPORT or -EPROTONOSUPPORT when the kernel lacks CAN', () => {
    const fd = socket(AF_CAN, SOCK_RAW, CAN_RAW);
    if (fd >= 0) close(fd);
    expect(Math.min(fd, 0)).to.be.oneOf([-EAFNOSUPPORT, -EPROTONOSUPPORT, 0]);
  });

  it('returns -EAFNOSUPPORT for an unknown family', () => {
    expect(socket(4000, SOCK_RAW, 0)).to.equal(-EAFNOSUPPORT);
  });
});

describe('socketpair', () => {
  it('returns a negative error number for an impossible pair', () => {
    expect(socketpair(AF_UNIX, SOCK_RAW | 0x7, 0)).to.be.lessThan(0);
  });

  it('returns two connected descriptors', () => {
    using pair = new Pair();
    expect(pair.near).to.not.equal(pair.far);
    expect(sendto(pair.near, new Uint8Array([1, 2]), 0)).to.equal(2);
    const bytes = new Uint8Array(8);
    expect(read(pair.far, bytes)).to.equal(2);
    expect([...bytes.subarray(0, 2)]).to.deep.equal([1, 2]);
  });
});

describe('socket options', () => {
  it('read back as they were set', () => {
    using pair = new Pair(false);
    const stamps = () => getsockoptInt(pair.near, SOL_SOCKET, SO_TIMESTAMPNS_NEW);
    expect(stamps()).to.equal(0);
    expect(setsockoptInt(pair.near, SOL_SOCKET, SO_TIMESTAMPNS_NEW, 1)).to.equal(0);
    expect(stamps()).to.equal(1);
  });

  it('read back doubled for buffer sizes, as the kernel sets them', () => {
    using pair = new Pair(false);
    expect(setsockoptInt(pair.near, SOL_SOCKET, SO_RCVBUF, 50_000)).to.equal(0);
    expect(getsockoptInt(pair.near, SOL_SOCKET, SO_RCVBUF)).to.equal(100_000);
  });

  it('return their length in bytes when they are longer than an int', () => {
    using pair = new Pair(false);
    const meminfo = new Uint8Array(SK_MEMINFO_VARS * 4 + 20).fill(0xa5);
    const length = getsockopt(pair.near, SOL_SOCKET, SO_MEMINFO, meminfo);
    expect(length).to.equal(SK_MEMINFO_VARS * 4);
    expect([...meminfo.subarray(length)]).to.deep.equal(new Array(20).fill(0xa5));
  });

  it('return -ENOPROTOOPT when they do not exist', () => {
    using pair = new Pair(false);
    expect(setsockoptInt(pair.near, SOL_SOCKET, 9999, 1)).to.equal(-ENOPROTOOPT);
    expect(getsockoptInt(pair.near, SOL_SOCKET, 9999)).to.equal(-ENOPROTOOPT);
  });

  it('are passed to the kernel without a value', () => {
    using pair = new Pair(false);
    const none = new Uint8Array(0);
    expect(setsockopt(pair.near, SOL_SOCKET, SO_RCVBUF, none)).to.equal(-EINVAL);
  });
});

describe('bind', () => {
  /** Returns a struct sockaddr_un with an abstract name. */
  function abstract(name: string): Uint8Array {
    const family = new Uint8Array(new Uint16Array([AF_UNIX]).buffer);
    return Buffer.concat([family, Buffer.from(`\0${name}`)]);
  }

  it('binds the socket to the address', () => {
    const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    try {
      const name = `socketcan-${process.pid}`;
      expect(bind(fd, abstract(name))).to.equal(0);
      expect(readFileSync('/proc/net/unix', 'utf8').split(/\s+/)).to.include(`@${name}`);
    } finally {
      close(fd);
    }
  });

  it('returns -EINVAL for an address of another family', () => {
    using pair = new Pair(false);
    const address = host.sockaddr_can.make({ can_family: AF_CAN, can_ifindex: 1 });
    expect(bind(pair.near, address)).to.equal(-EINVAL);
  });
});
