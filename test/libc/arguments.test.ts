import { expect } from 'chai';
import { SIOCGIFMTU, SOL_SOCKET, SO_RCVBUF, SO_ERROR, MSG_DONTWAIT, AF_UNIX } from '../../src/libc/constants';
import { EBADF } from '../../src/libc/errno';
import { eventfd } from '../../src/libc/eventfd';
import { read, write, close, ioctl } from '../../src/libc/file';
import { interfaceRequest } from '../../src/libc/interface';
import { host } from '../../src/libc/layouts';
import { recvmmsg, send, sendmmsg, sendto } from '../../src/libc/message';
import { poll } from '../../src/libc/poll';
import { bind, setsockopt, setsockoptInt, getsockopt, getsockoptInt, socket, socketpair } from '../../src/libc/socket';
import { Memory } from '../../src/libc/memory';
import { describe as describeValue } from '../../src/options/describe';
import { thrown, wrong } from '../support/asserts/thrown';
import { SOCK_DGRAM } from '../support/headers/constants';

const bytes = new Uint8Array(64);
const memory = new Memory(host.mmsghdr.size * 4);

/** Each call that takes a descriptor. */
const CALLS: Readonly<Record<string, (fd: number) => unknown>> = {
  read: (fd) => read(fd, bytes),
  write: (fd) => write(fd, bytes),
  close: (fd) => close(fd),
  ioctl: (fd) => ioctl(fd, SIOCGIFMTU, bytes),
  bind: (fd) => bind(fd, bytes),
  setsockopt: (fd) => setsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytes),
  setsockoptInt: (fd) => setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, 1),
  getsockopt: (fd) => getsockopt(fd, SOL_SOCKET, SO_ERROR, bytes),
  getsockoptInt: (fd) => getsockoptInt(fd, SOL_SOCKET, SO_ERROR),
  recvmmsg: (fd) => recvmmsg(fd, memory, 0, 1, MSG_DONTWAIT),
  sendto: (fd) => sendto(fd, bytes, 0),
  send: (fd) => send(fd, memory, 16, 0),
  sendmmsg: (fd) => sendmmsg(fd, memory, 0, 1, 0),
  interfaceRequest: (fd) => interfaceRequest(fd, SIOCGIFMTU, 'lo'),
};

/** Numbers that koffi would convert to another descriptor, often to 0. */
const BAD_NUMBERS = [NaN, 2 ** 40, 2 ** 31, 1.5, -1, Infinity, -Infinity];
const BAD_TYPES = ['3', null, undefined, 3n, true, {}, []];

for (const [name, call] of Object.entries(CALLS)) {
  describe(name, () => {
    it('throws a RangeError for a number that is not a descriptor', () => {
      for (const fd of BAD_NUMBERS) {
        const error = thrown(() => call(fd));
        expect(error, String(fd)).to.be.instanceOf(RangeError);
        expect(error.message)
          .to.contain('file descriptor')
          .and.to.contain(`found ${describeValue(fd)}`);
      }
    });

    it('throws a TypeError for a descriptor that is not a number', () => {
      for (const fd of BAD_TYPES) {
        const error = thrown(() => call(wrong(fd)));
        expect(error, typeof fd).to.be.instanceOf(TypeError);
        expect(error.message).to.equal(
          `The file descriptor must be an integer from 0 to 2147483647; found ${describeValue(fd)}`,
        );
      }
    });

    it('returns -EBADF for a descriptor that is not open', () => {
      expect(call(0x7fff_fffe)).to.equal(-EBADF);
    });
  });
}

describe('The calls of the C library', () => {
  const cases: Readonly<Record<string, (value: number) => unknown>> = {
    'the length of write': (value) => write(0x7fff_fffe, bytes, value),
    'the first header of recvmmsg': (value) => recvmmsg(0x7fff_fffe, memory, value, 1, 0),
    'the count of recvmmsg': (value) => recvmmsg(0x7fff_fffe, memory, 0, value, 0),
    'the flags of recvmmsg': (value) => recvmmsg(0x7fff_fffe, memory, 0, 1, value),
    'the first header of sendmmsg': (value) => sendmmsg(0x7fff_fffe, memory, value, 1, 0),
    'the count of sendmmsg': (value) => sendmmsg(0x7fff_fffe, memory, 0, value, 0),
    'the flags of sendmmsg': (value) => sendmmsg(0x7fff_fffe, memory, 0, 1, value),
    'the length of send': (value) => send(0x7fff_fffe, memory, value, 0),
    'the flags of send': (value) => send(0x7fff_fffe, memory, 16, value),
    'the flags of sendto': (value) => sendto(0x7fff_fffe, bytes, value),
    'the count of poll': (value) => poll(bytes, value, 0),
    'the timeout of poll': (value) => poll(bytes, 0, value === -1 ? -2 : value),
    'the initial count of eventfd': (value) => eventfd(value, 0),
    'the flags of eventfd': (value) => eventfd(0, value),
    'the family of socket': (value) => socket(value, SOCK_DGRAM, 0),
    'the type of socket': (value) => socket(AF_UNIX, value, 0),
    'the protocol of socket': (value) => socket(AF_UNIX, SOCK_DGRAM, value),
    'the family of socketpair': (value) => socketpair(value, SOCK_DGRAM, 0),
    'the level of getsockopt': (value) => getsockopt(0x7fff_fffe, value, 1, bytes),
    'the name of setsockopt': (value) => setsockopt(0x7fff_fffe, 1, value, bytes),
  };

  for (const [name, call] of Object.entries(cases)) {
    it(`throw for a wrong value of ${name}`, () => {
      for (const value of [NaN, 2 ** 40, 1.5, -1]) {
        expect(
          thrown(() => call(value)),
          String(value),
        ).to.be.instanceOf(RangeError);
      }
      expect(thrown(() => call(wrong('1')))).to.be.instanceOf(TypeError);
    });
  }

  it('throw a RangeError for a length beyond the memory', () => {
    const beyond = [
      () => write(1, bytes, 65),
      () => poll(bytes, 9, 0),
      () => send(1, memory, memory.bytes.byteLength + 1, 0),
      () => recvmmsg(1, memory, 0, 5, 0),
      () => recvmmsg(1, memory, 4, 1, 0),
      () => sendmmsg(1, memory, 1, 4, 0),
    ];
    for (const call of beyond) expect(thrown(call), String(call)).to.be.instanceOf(RangeError);
  });

  it('accept option values in the range of an int, and no others', () => {
    const set = (value: number) => setsockoptInt(0x7fff_fffe, 1, 8, value);
    expect([set(-0x8000_0000), set(0x7fff_ffff)]).to.deep.equal([-EBADF, -EBADF]);
    for (const value of [0x8000_0000, -0x8000_0001, 0.5, NaN]) {
      expect(thrown(() => set(value))).to.be.instanceOf(RangeError);
    }
  });
});
