import { expect } from 'chai';
import { view } from 'koffi';
import { MSG_DONTWAIT, MSG_NOSIGNAL } from '../../../src/libc/constants';
import { EAGAIN } from '../../../src/libc/errno';
import { read } from '../../../src/libc/file';
import { host } from '../../../src/libc/layouts';
import { Memory } from '../../../src/libc/memory';
import { sendmmsg } from '../../../src/libc/message';
import { DataFrame } from '../../../src/frame/data-frame';
import { ErrorFrame } from '../../../src/frame/error-frame';
import { FrameFormat } from '../../../src/frame/format';
import type { Frame } from '../../../src/frame/frame';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { BATCH_SIZE, FrameBatch } from '../../../src/raw/transmit/frame-batch';
import { frames } from '../../support/traffic/frames';
import { Pair } from '../../support/traffic/pairs';
const { Base, Extended } = FrameFormat;

const MIXED: Frame[] = [
  new DataFrame(Base, 0x123, new Uint8Array([1, 2, 3])),
  new DataFrame(Extended, 0x1bad_c0fe, new Uint8Array(64).fill(0xaa)),
  new RemoteFrame(Base, 0x7ff, 5),
  new DataFrame(Extended, 0, new Uint8Array(0), { fd: true, brs: true, esi: true }),
  new ErrorFrame(0x40, new Uint8Array(8)),
  new DataFrame(Base, 0, new Uint8Array(8).fill(0xff)),
];

/** The same frames as bytes of struct can_frame and canfd_frame. */
const MIXED_BYTES = [
  [0x123, 3, 0, 16, [1, 2, 3]],
  [0x9bad_c0fe, 64, 0, 72, new Array<number>(64).fill(0xaa)],
  [0x4000_07ff, 5, 0, 16, []],
  [0x8000_0000, 0, 3, 72, []],
  [0x2000_0040, 8, 0, 16, []],
  [0, 8, 0, 16, new Array<number>(8).fill(0xff)],
].map(([id, length, flags, size, data]) => {
  const bytes = new Uint8Array(size as number);
  new Uint32Array(bytes.buffer)[0] = id as number;
  bytes.set([length as number, flags as number], 4);
  bytes.set(data as number[], 8);
  return bytes;
});

/** The packets that sendmmsg(2) would send: follows headers and vectors to the bytes. */
function packets(headers: Memory, first: number, count: number): Uint8Array[] {
  const word = (bytes: ArrayBufferLike, at: number): bigint =>
    host.iovec.offset.iov_len === 4
      ? BigInt(new Uint32Array(bytes)[at / 4] as number)
      : (new BigUint64Array(bytes)[at / 8] as bigint);
  return Array.from({ length: count }, (_, index) => {
    const at = (first + index) * host.mmsghdr.size;
    const all = headers.words.buffer;
    expect(word(all, at + host.msghdr.offset.msg_iovlen)).to.equal(1n);
    expect(word(all, at + host.msghdr.offset.msg_name)).to.equal(0n);
    expect(word(all, at + host.msghdr.offset.msg_controllen)).to.equal(0n);
    const vector = view(word(all, at + host.msghdr.offset.msg_iov), host.iovec.size);
    const length = Number(word(vector, host.iovec.offset.iov_len));
    return Uint8Array.from(new Uint8Array(view(word(vector, 0), length)));
  });
}

function readAll(fd: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const bytes = new Uint8Array(100);
  for (;;) {
    const length = read(fd, bytes);
    if (length < 0) return found;
    found.push(bytes.slice(0, length));
  }
}

/** Sends a batch as an endpoint of the kernel does. */
function send(fd: number, batch: FrameBatch, list: readonly Frame[]): number {
  setAll(batch, list);
  return sendmmsg(fd, batch.headers, 0, list.length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/** Puts frames into a batch, from the first place on. */
function setAll(batch: FrameBatch, list: readonly Frame[]): void {
  list.forEach((frame, index) => {
    batch.set(index, frame);
  });
}

describe('FrameBatch', () => {
  it('has one header for each frame, with the bytes of that frame', () => {
    const batch = new FrameBatch();
    setAll(batch, MIXED);
    expect(packets(batch.headers, 0, MIXED.length)).to.deep.equal(MIXED_BYTES);
  });

  it('returns the size and the length field of each frame', () => {
    const batch = new FrameBatch();
    setAll(batch, MIXED);
    const indices = MIXED.map((_, index) => index);
    expect(indices.map((index) => batch.size(index))).to.deep.equal([16, 72, 16, 72, 16, 16]);
    expect(indices.map((index) => batch.length(index))).to.deep.equal([3, 64, 5, 0, 8, 8]);
  });

  it('sends its frames through a real socket', () => {
    using pair = new Pair();
    expect(send(pair.far, new FrameBatch(), MIXED)).to.equal(MIXED.length);
    expect(readAll(pair.near)).to.deep.equal(MIXED_BYTES);
  });

  it('overwrites the frames of an earlier batch completely', () => {
    using pair = new Pair();
    const batch = new FrameBatch();
    const full = new DataFrame(Extended, 0x1fff_ffff, new Uint8Array(64).fill(0xff));
    send(pair.far, batch, new Array<Frame>(MIXED.length).fill(full));
    send(pair.far, batch, MIXED);
    expect(readAll(pair.near).slice(MIXED.length)).to.deep.equal(MIXED_BYTES);
  });

  it('replaces one frame and keeps the others', () => {
    using pair = new Pair();
    const batch = new FrameBatch();
    setAll(batch, MIXED);
    batch.set(1, MIXED[0] as Frame);
    sendmmsg(pair.far, batch.headers, 0, MIXED.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    expect(readAll(pair.near)).to.deep.equal(MIXED_BYTES.map((bytes, index) => (index === 1 ? MIXED_BYTES[0] : bytes)));
  });

  it('holds 64 frames of the maximum length', () => {
    using pair = new Pair();
    const list = Array.from({ length: BATCH_SIZE }, (_, i) => new DataFrame(Extended, i, new Uint8Array(64).fill(i)));
    expect(send(pair.far, new FrameBatch(), list)).to.equal(64);
    const found = readAll(pair.near);
    expect(found.map((bytes) => [bytes.length, bytes[8], bytes[71]])).to.deep.equal(list.map((_, i) => [72, i, i]));
  });

  it('sends each frame once until the kernel has no room', () => {
    using pair = new Pair();
    const batch = new FrameBatch();
    const list = frames(10_000);
    let sent = 0;
    let result = 0;
    while ((result = send(pair.far, batch, list.slice(sent, sent + BATCH_SIZE))) > 0) sent += result;
    expect(result).to.equal(-EAGAIN);
    expect(sent).to.be.greaterThan(0);
    const ids = readAll(pair.near).map((bytes) => new Uint32Array(bytes.buffer)[0]);
    expect(ids).to.deep.equal(Array.from({ length: sent }, (_, i) => (i | 0x8000_0000) >>> 0));
  });

  it('gets EPIPE and no signal when the other end is closed', () => {
    using pair = new Pair();
    pair.closeNear();
    expect(send(pair.far, new FrameBatch(), MIXED)).to.equal(-32);
  });
});
