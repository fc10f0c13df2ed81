import { expect } from 'chai';
import { clock_gettime } from '../../src/libc/clock';
import { CMSG_SPACE, ControlWalk } from '../../src/libc/cmsg';
import {
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  CLOCK_REALTIME,
  SOL_SOCKET,
  SO_TIMESTAMPNS_NEW,
  MSG_TRUNC,
} from '../../src/libc/constants';
import { EAGAIN } from '../../src/libc/errno';
import { recvmmsg, send, sendmmsg, sendto } from '../../src/libc/message';
import { host } from '../../src/libc/layouts';
import { Memory } from '../../src/libc/memory';
import { MSG_CTRUNC } from '../support/headers/constants';
import { classicBytes, fdBytes, Pair } from '../support/traffic/pairs';

const { msg_iov, msg_iovlen, msg_control, msg_controllen, msg_flags } = host.msghdr.offset;
const CONTROL = CMSG_SPACE(16);

/** Message headers for recvmmsg(2) and sendmmsg(2), each with one buffer and optionally a control area. */
class Batch {
  readonly headers: Memory;
  readonly data: Memory;
  readonly control: Memory;
  readonly #vectors: Memory;
  readonly #size: number;

  constructor(count: number, size: number) {
    this.#size = size;
    this.headers = new Memory(count * host.mmsghdr.size);
    this.data = new Memory(count * size);
    this.control = new Memory(count * CONTROL);
    this.#vectors = new Memory(count * host.iovec.size);
    for (let i = 0; i < count; i++) {
      const vector = i * host.iovec.size;
      this.#vectors.setWord(vector, this.data.address + BigInt(i * size));
      this.#vectors.setSize(vector + host.iovec.offset.iov_len, size);
      const at = i * host.mmsghdr.size;
      this.headers.setWord(at + msg_iov, this.#vectors.address + BigInt(vector));
      this.headers.setSize(at + msg_iovlen, 1);
    }
  }

  /** Gives a header its control area. */
  addControl(index: number): this {
    const at = index * host.mmsghdr.size;
    this.headers.setWord(at + msg_control, this.control.address + BigInt(index * CONTROL));
    this.headers.setSize(at + msg_controllen, CONTROL);
    return this;
  }

  set(index: number, bytes: Uint8Array): void {
    this.data.bytes.set(bytes, index * this.#size);
  }

  get(index: number, length: number): Uint8Array {
    const start = index * this.#size;
    return Uint8Array.from(this.data.bytes.subarray(start, start + length));
  }

  /** Receives one packet into the first header. Returns its length, or a negative error number. */
  receive(fd: number): number {
    const result = recvmmsg(fd, this.headers, 0, 1, MSG_DONTWAIT);
    return result < 0 ? result : this.length(0);
  }

  length(index: number): number {
    const at = index * host.mmsghdr.size + host.mmsghdr.offset.msg_len;
    return this.headers.words[at / 4] as number;
  }

  flags(index: number): number {
    return this.headers.words[(index * host.mmsghdr.size + msg_flags) / 4] as number;
  }
}

describe('sendto', () => {
  it('sends packets that arrive one by one, in order', () => {
    using pair = new Pair();
    expect(sendto(pair.far, classicBytes(1), 0)).to.equal(16);
    expect(sendto(pair.far, fdBytes(2), 0)).to.equal(72);
    const batch = new Batch(1, 72);
    expect(batch.receive(pair.near)).to.equal(16);
    expect(batch.get(0, 16)).to.deep.equal(classicBytes(1));
    expect(batch.receive(pair.near)).to.equal(72);
    expect(batch.get(0, 72)).to.deep.equal(fdBytes(2));
    expect(batch.receive(pair.near)).to.equal(-EAGAIN);
  });

  it('returns -EAGAIN when the socket is full', () => {
    using pair = new Pair();
    let sent = 0;
    while (pair.send(classicBytes(sent))) expect(++sent).to.be.lessThan(100_000);
    expect(sent).to.be.greaterThan(10);
    expect(sendto(pair.far, classicBytes(0), 0)).to.equal(-EAGAIN);
  });
});

describe('send', () => {
  it('sends the given number of bytes of a memory', () => {
    using pair = new Pair();
    const memory = new Memory(80);
    memory.bytes.set(fdBytes(3));
    expect(send(pair.far, memory, 72, 0)).to.equal(72);
    expect(send(pair.far, memory, 16, MSG_DONTWAIT | MSG_NOSIGNAL)).to.equal(16);
    const batch = new Batch(1, 72);
    expect(batch.receive(pair.near)).to.equal(72);
    expect(batch.get(0, 72)).to.deep.equal(fdBytes(3));
    expect(batch.receive(pair.near)).to.equal(16);
    expect(batch.get(0, 16)).to.deep.equal(fdBytes(3).slice(0, 16));
    expect(batch.receive(pair.near)).to.equal(-EAGAIN);
  });

  it('returns -EAGAIN when the socket is full', () => {
    using pair = new Pair();
    while (pair.send(classicBytes(0)));
    expect(send(pair.far, new Memory(16), 16, MSG_DONTWAIT)).to.equal(-EAGAIN);
  });

  it('returns -EPIPE without a signal when the other end is closed', () => {
    const EPIPE = 32;
    using pair = new Pair();
    pair.closeNear();
    expect(send(pair.far, new Memory(16), 16, MSG_NOSIGNAL)).to.equal(-EPIPE);
  });
});

describe('recvmmsg', () => {
  it('returns the receive time in a control message', () => {
    using pair = new Pair();
    const before = clock_gettime(CLOCK_REALTIME);
    pair.send(classicBytes(1));
    const after = clock_gettime(CLOCK_REALTIME);
    const batch = new Batch(1, 72).addControl(0);
    expect(batch.receive(pair.near)).to.equal(16);
    const length = batch.headers.getSize(msg_controllen);
    const walk = new ControlWalk(batch.control).begin(0, length);
    expect(walk.next()).to.equal(true);
    expect(walk).to.include({ level: SOL_SOCKET, type: SO_TIMESTAMPNS_NEW, size: 16 });
    const time = new BigInt64Array(batch.control.words.buffer as ArrayBuffer, walk.data, 2);
    const ns = (time[0] as bigint) * 1_000_000_000n + (time[1] as bigint);
    expect(ns >= before && ns <= after, `${before} <= ${ns} <= ${after}`).to.equal(true);
    expect(walk.next()).to.equal(false);
  });

  it('sets MSG_TRUNC for a packet larger than its buffer, and MSG_CTRUNC for lost control messages', () => {
    using pair = new Pair();
    pair.send(fdBytes(1));
    const batch = new Batch(1, 16).addControl(0);
    batch.headers.setSize(msg_controllen, 8);
    expect(batch.receive(pair.near)).to.equal(16);
    expect(batch.flags(0) & MSG_TRUNC).to.equal(MSG_TRUNC);
    expect(batch.flags(0) & MSG_CTRUNC).to.equal(MSG_CTRUNC);
  });
});

describe('sendmmsg and recvmmsg', () => {
  it('transfer a batch in order', () => {
    using pair = new Pair();
    const out = new Batch(4, 72);
    for (let i = 0; i < 4; i++) out.set(i, fdBytes(i));
    expect(sendmmsg(pair.far, out.headers, 0, 4, 0)).to.equal(4);
    const back = new Batch(8, 72);
    expect(recvmmsg(pair.near, back.headers, 0, 8, MSG_DONTWAIT)).to.equal(4);
    for (let i = 0; i < 4; i++) {
      expect(back.length(i)).to.equal(72);
      expect(back.get(i, 72)).to.deep.equal(fdBytes(i));
    }
    expect(back.length(4)).to.equal(0);
    expect(recvmmsg(pair.near, back.headers, 0, 8, MSG_DONTWAIT)).to.equal(-EAGAIN);
  });

  it('start at the given header and change no other', () => {
    using pair = new Pair();
    const out = new Batch(5, 72);
    for (let i = 0; i < 5; i++) out.set(i, fdBytes(i));
    expect(sendmmsg(pair.far, out.headers, 3, 2, 0)).to.equal(2);
    const back = new Batch(5, 72);
    expect(recvmmsg(pair.near, back.headers, 2, 1, MSG_DONTWAIT)).to.equal(1);
    expect([0, 1, 2, 3, 4].map((i) => back.length(i))).to.deep.equal([0, 0, 72, 0, 0]);
    expect(back.get(2, 72)).to.deep.equal(fdBytes(3));
    expect(recvmmsg(pair.near, back.headers, 0, 5, MSG_DONTWAIT)).to.equal(1);
    expect(back.get(0, 72)).to.deep.equal(fdBytes(4));
  });

  it('send fewer packets when the socket becomes full, and then return -EAGAIN', () => {
    using pair = new Pair();
    while (pair.send(classicBytes(0)));
    const out = new Batch(2, 16);
    expect(sendmmsg(pair.far, out.headers, 0, 2, MSG_DONTWAIT)).to.equal(-EAGAIN);
    const back = new Batch(1, 72);
    // The kernel charges a packet with all its memory, so one received packet makes room for one.
    expect(recvmmsg(pair.near, back.headers, 0, 1, MSG_DONTWAIT)).to.equal(1);
    expect(sendmmsg(pair.far, out.headers, 0, 2, MSG_DONTWAIT)).to.equal(1);
    expect(sendmmsg(pair.far, out.headers, 1, 1, MSG_DONTWAIT)).to.equal(-EAGAIN);
  });
});
