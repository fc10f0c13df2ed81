import { expect } from 'chai';
import * as libc from '../../src/libc';
import { Memory } from '../../src/libc';
import { thrown, wrong } from '../support/asserts/thrown';

const bytes = new Uint8Array(64);
const memory = new Memory(libc.host.mmsghdr.size * 4);
const header = new Uint8Array(libc.host.msghdr.size);

/** Every call with a descriptor, as a function of that descriptor. */
const CALLS: Readonly<Record<string, (fd: number) => unknown>> = {
  read: (fd) => libc.read(fd, bytes),
  write: (fd) => libc.write(fd, bytes),
  close: (fd) => libc.close(fd),
  ioctl: (fd) => libc.ioctl(fd, libc.SIOCGIFMTU, bytes),
  bind: (fd) => libc.bind(fd, bytes),
  setsockopt: (fd) => libc.setsockopt(fd, libc.SOL_SOCKET, libc.SO_RCVBUF, bytes),
  setsockoptInt: (fd) => libc.setsockoptInt(fd, libc.SOL_SOCKET, libc.SO_RCVBUF, 1),
  getsockopt: (fd) => libc.getsockopt(fd, libc.SOL_SOCKET, libc.SO_ERROR, bytes),
  getsockoptInt: (fd) => libc.getsockoptInt(fd, libc.SOL_SOCKET, libc.SO_ERROR),
  getsockname: (fd) => libc.getsockname(fd, bytes),
  recvmsg: (fd) => libc.recvmsg(fd, header, libc.MSG_DONTWAIT),
  recvmmsg: (fd) => libc.recvmmsg(fd, memory, 0, 1, libc.MSG_DONTWAIT),
  sendto: (fd) => libc.sendto(fd, bytes, 0),
  send: (fd) => libc.send(fd, memory, 16, 0),
  sendmsg: (fd) => libc.sendmsg(fd, header, 0),
  sendmmsg: (fd) => libc.sendmmsg(fd, memory, 0, 1, 0),
  interfaceRequest: (fd) => libc.interfaceRequest(fd, libc.SIOCGIFMTU, 'lo'),
};

/** Descriptors koffi would make some other number of, and all too often 0. */
const BAD_NUMBERS = [NaN, 2 ** 40, 2 ** 31, 1.5, -1, Infinity, -Infinity];
const BAD_TYPES = ['3', null, undefined, 3n, true, {}, []];

for (const [name, call] of Object.entries(CALLS)) {
  describe(name, () => {
    it('throws a RangeError for a number that is not a descriptor', () => {
      for (const fd of BAD_NUMBERS) {
        const error = thrown(() => call(fd));
        expect(error, String(fd)).to.be.instanceOf(RangeError);
        expect(error.message).to.contain('file descriptor').and.to.contain(`not ${fd}`);
      }
    });

    it('throws a TypeError for a descriptor that is not a number', () => {
      for (const fd of BAD_TYPES) {
        const error = thrown(() => call(wrong(fd)));
        expect(error, typeof fd).to.be.instanceOf(TypeError);
        expect(error.message).to.contain(`not ${typeof fd}`);
      }
    });

    it('returns -EBADF for a descriptor that is not open', () => {
      expect(call(0x7fff_fffe)).to.equal(-libc.EBADF);
    });
  });
}

describe('counts, lengths and flags', () => {
  const cases: Readonly<Record<string, (value: number) => unknown>> = {
    'the length of write': (value) => libc.write(0x7fff_fffe, bytes, value),
    'the first header of recvmmsg': (value) => libc.recvmmsg(0x7fff_fffe, memory, value, 1, 0),
    'the count of recvmmsg': (value) => libc.recvmmsg(0x7fff_fffe, memory, 0, value, 0),
    'the flags of recvmmsg': (value) => libc.recvmmsg(0x7fff_fffe, memory, 0, 1, value),
    'the first header of sendmmsg': (value) => libc.sendmmsg(0x7fff_fffe, memory, value, 1, 0),
    'the count of sendmmsg': (value) => libc.sendmmsg(0x7fff_fffe, memory, 0, value, 0),
    'the flags of sendmmsg': (value) => libc.sendmmsg(0x7fff_fffe, memory, 0, 1, value),
    'the flags of recvmsg': (value) => libc.recvmsg(0x7fff_fffe, header, value),
    'the flags of sendmsg': (value) => libc.sendmsg(0x7fff_fffe, header, value),
    'the length of send': (value) => libc.send(0x7fff_fffe, memory, value, 0),
    'the flags of send': (value) => libc.send(0x7fff_fffe, memory, 16, value),
    'the flags of sendto': (value) => libc.sendto(0x7fff_fffe, bytes, value),
    'the count of poll': (value) => libc.poll(bytes, value, 0),
    'the timeout of poll': (value) => libc.poll(bytes, 0, value === -1 ? -2 : value),
    'the initial count of eventfd': (value) => libc.eventfd(value, 0),
    'the flags of eventfd': (value) => libc.eventfd(0, value),
    'the family of socket': (value) => libc.socket(value, libc.SOCK_DGRAM, 0),
    'the type of socket': (value) => libc.socket(libc.AF_UNIX, value, 0),
    'the protocol of socket': (value) => libc.socket(libc.AF_UNIX, libc.SOCK_DGRAM, value),
    'the family of socketpair': (value) => libc.socketpair(value, libc.SOCK_DGRAM, 0),
    'the level of getsockopt': (value) => libc.getsockopt(0x7fff_fffe, value, 1, bytes),
    'the name of setsockopt': (value) => libc.setsockopt(0x7fff_fffe, 1, value, bytes),
  };

  for (const [name, call] of Object.entries(cases)) {
    it(`do not reach C with another value: ${name}`, () => {
      for (const value of [NaN, 2 ** 40, 1.5, -1]) {
        expect(
          thrown(() => call(value)),
          String(value),
        ).to.be.instanceOf(RangeError);
      }
      expect(thrown(() => call(wrong('1')))).to.be.instanceOf(TypeError);
    });
  }

  it('must not reach beyond the memory that is passed', () => {
    const beyond = [
      () => libc.write(1, bytes, 65),
      () => libc.poll(bytes, 9, 0),
      () => libc.send(1, memory, memory.bytes.byteLength + 1, 0),
      () => libc.recvmmsg(1, memory, 0, 5, 0),
      () => libc.recvmmsg(1, memory, 4, 1, 0),
      () => libc.sendmmsg(1, memory, 1, 4, 0),
      () => libc.recvmsg(1, header.subarray(1), 0),
      () => libc.sendmsg(1, header.subarray(1), 0),
    ];
    for (const call of beyond) expect(thrown(call), String(call)).to.be.instanceOf(RangeError);
  });

  it('accept option values in the range of int and no others', () => {
    const set = (value: number) => libc.setsockoptInt(0x7fff_fffe, 1, 8, value);
    expect([set(-0x8000_0000), set(0x7fff_ffff)]).to.deep.equal([-libc.EBADF, -libc.EBADF]);
    for (const value of [0x8000_0000, -0x8000_0001, 0.5, NaN]) {
      expect(thrown(() => set(value))).to.be.instanceOf(RangeError);
    }
  });
});
