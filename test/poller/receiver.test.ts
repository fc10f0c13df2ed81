import { expect } from 'chai';
import { clock_gettime } from '../../src/libc/clock';
import { CLOCK_REALTIME, MSG_CONFIRM, MSG_TRUNC } from '../../src/libc/constants';
import { EAGAIN, EBADF, ENETDOWN, ENODEV } from '../../src/libc/errno';
import { recvmmsg } from '../../src/libc/message';
import { BATCH, Receiver, receiverCalls } from '../../src/poller/receiver';
import { Ring } from '../../src/poller/ring';
import { MSG_CTRUNC } from '../support/headers/constants';
import { classicBytes, fdBytes, Pair } from '../support/traffic/pairs';
import { numberOf, PACKET_RECORD, takeRecords, TRAILED_RECORD } from '../support/traffic/records';
import { TrailedPair } from '../support/traffic/trailed-pair';

function within(value: bigint, from: bigint, to: bigint): void {
  expect(value >= from && value <= to, `${from} <= ${value} <= ${to}`).to.equal(true);
}

describe('Receiver', () => {
  it('receives classic and CAN FD structs unchanged, in order, with their lengths', () => {
    using pair = new Pair();
    const ring = Ring.create(64, PACKET_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    const sent = Array.from({ length: 40 }, (_, i) => (i % 3 === 1 ? fdBytes(i) : classicBytes(i)));
    for (const bytes of sent) expect(pair.send(bytes)).to.equal(true);
    expect(receiver.receive()).to.equal(40);
    expect(receiver.drained).to.equal(true);
    expect(takeRecords(ring).map(({ frame }) => frame)).to.deep.equal(sent);
    expect(receiver.receive()).to.equal(-EAGAIN);
  });

  it('stamps frames with the time of sending on both clocks, not of reading', async () => {
    using pair = new Pair();
    const ring = Ring.create(16, PACKET_RECORD);
    const monotonicReads: bigint[] = [];
    const receiver = new Receiver(pair.near, ring, process.hrtime.bigint(), {
      ...receiverCalls,
      clock_gettime: (clock) => {
        const now = clock_gettime(clock);
        if (clock !== CLOCK_REALTIME) monotonicReads.push(now);
        return now;
      },
    });
    const bounds: { real: [bigint, bigint]; mono: [bigint, bigint] }[] = [];
    for (let i = 0; i < 5; i++) {
      const [mono, real] = [process.hrtime.bigint(), clock_gettime(CLOCK_REALTIME)];
      pair.send(classicBytes(i));
      bounds.push({
        real: [real, clock_gettime(CLOCK_REALTIME)],
        mono: [mono, process.hrtime.bigint()],
      });
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    expect(receiver.receive()).to.equal(5);
    const [before, read] = monotonicReads as [bigint, bigint];
    takeRecords(ring).forEach(({ systemNs, monotonicNs }, index) => {
      const { real, mono } = bounds[index] as (typeof bounds)[number];
      within(systemNs, ...real);
      // Not earlier, and later by no more than the receiver took to read both clocks.
      within(monotonicNs, mono[0], mono[1] + (read - before));
      within(monotonicNs, mono[0], read);
    });
  });

  it('sets monotonic times that never decrease over many batches', () => {
    using pair = new Pair();
    const ring = Ring.create(128, PACKET_RECORD);
    const receiver = new Receiver(pair.near, ring, process.hrtime.bigint());
    let last = 0n;
    let next = 0;
    for (let round = 0; round < 300; round++) {
      const count = (round * 7) % 90;
      for (let i = 0; i < count; i++) expect(pair.send(classicBytes(next + i))).to.equal(true);
      while (receiver.receive() > 0);
      for (const { frame, monotonicNs } of takeRecords(ring)) {
        expect(numberOf(frame)).to.equal(next++);
        expect(monotonicNs >= last, `${monotonicNs} after ${last}`).to.equal(true);
        last = monotonicNs;
      }
    }
    expect(next).to.be.greaterThan(10_000);
    expect(last <= process.hrtime.bigint()).to.equal(true);
  });

  it('reads at most one batch, and reports whether the socket holds more', () => {
    using pair = new Pair();
    const ring = Ring.create(256, PACKET_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    for (let i = 0; i < BATCH + 5; i++) pair.send(classicBytes(i));
    expect(receiver.receive()).to.equal(BATCH);
    expect(receiver.drained).to.equal(false);
    expect(receiver.receive()).to.equal(5);
    expect(receiver.drained).to.equal(true);
    expect(takeRecords(ring).map(({ frame }) => numberOf(frame))).to.deep.equal(
      Array.from({ length: BATCH + 5 }, (_, i) => i),
    );
  });

  it('reads at most what the ring holds, and not beyond its last slot', () => {
    using pair = new Pair();
    const ring = Ring.create(8, PACKET_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    for (let i = 0; i < 30; i++) pair.send(classicBytes(i));
    expect(receiver.receive()).to.equal(8);
    expect(takeRecords(ring, 5)).to.have.length(5);
    expect(receiver.receive()).to.equal(5);
    expect(takeRecords(ring, 6)).to.have.length(6);
    expect(ring).to.include({ tailSlot: 5, headSlot: 3, free: 6 });
    expect(receiver.receive()).to.equal(3);
    expect(ring.tailSlot).to.equal(0);
    expect(receiver.receive()).to.equal(3);
    expect(takeRecords(ring).map(({ frame }) => numberOf(frame))).to.deep.equal([11, 12, 13, 14, 15, 16, 17, 18]);
  });

  it('passes malformed packets on with their length', () => {
    using pair = new Pair();
    const ring = Ring.create(8, PACKET_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    for (const length of [1, 15, 72, 100]) pair.send(new Uint8Array(length).fill(length));
    expect(receiver.receive()).to.equal(4);
    const records = takeRecords(ring);
    expect(records.map(({ frame }) => frame.byteLength)).to.deep.equal([1, 15, 72, 80]);
    expect(records.map(({ flags }) => flags & MSG_TRUNC)).to.deep.equal([0, 0, 0, MSG_TRUNC]);
  });

  it('receives packets of up to the size of the layout, and cuts longer ones', () => {
    using pair = new Pair();
    const ring = Ring.create(8, { packetSize: 2060, trailer: false });
    const receiver = new Receiver(pair.near, ring, 0n);
    const sent = [2060, 16, 2061, 2059].map((length) => new Uint8Array(length).fill(length));
    for (const bytes of sent) pair.send(bytes);
    expect(receiver.receive()).to.equal(4);
    const records = takeRecords(ring);
    expect(records.map(({ frame }) => frame)).to.deep.equal(sent.map((bytes) => bytes.subarray(0, 2060)));
    expect(records.map(({ flags }) => flags & MSG_TRUNC)).to.deep.equal([0, 0, MSG_TRUNC, 0]);
  });

  it('moves flags and drop counts from trailers to the records', () => {
    using pair = new Pair();
    const ring = Ring.create(8, TRAILED_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    const trailer = new Uint8Array(new Uint32Array([MSG_CONFIRM, 7]).buffer);
    pair.send(Buffer.concat([classicBytes(1), trailer]));
    pair.send(Buffer.concat([fdBytes(2), trailer]));
    expect(receiver.receive()).to.equal(2);
    const records = takeRecords(ring);
    expect(records.map(({ frame }) => frame)).to.deep.equal([classicBytes(1), fdBytes(2)]);
    expect(records.map(({ flags, drops }) => [flags & MSG_CONFIRM, drops])).to.deep.equal([
      [MSG_CONFIRM, 7],
      [MSG_CONFIRM, 7],
    ]);
  });

  it('reads no trailer from a packet that is shorter than one, or cut', () => {
    using pair = new Pair();
    const ring = Ring.create(8, TRAILED_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    for (const length of [4, 100]) pair.send(new Uint8Array(length).fill(0xff));
    expect(receiver.receive()).to.equal(2);
    expect(takeRecords(ring).map(({ frame, drops }) => [frame.byteLength, drops])).to.deep.equal([
      [4, 0],
      [80, 0],
    ]);
  });

  it('reads no trailer without one in the layout', () => {
    using pair = new Pair();
    const ring = Ring.create(8, PACKET_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    const bytes = new Uint8Array(24).fill(0xff);
    pair.send(bytes);
    expect(receiver.receive()).to.equal(1);
    expect(takeRecords(ring)[0]).to.deep.include({ frame: bytes, drops: 0 });
  });

  it('returns the error of recvmmsg, publishes nothing, and receives afterwards', () => {
    using pair = new Pair();
    const ring = Ring.create(8, PACKET_RECORD);
    const results = [-EAGAIN, -ENETDOWN, -EBADF];
    const receiver = new Receiver(pair.near, ring, 0n, {
      ...receiverCalls,
      recvmmsg: (...args) => results.shift() ?? recvmmsg(...args),
    });
    pair.send(classicBytes(1));
    pair.send(classicBytes(2));
    for (const expected of [-EAGAIN, -ENETDOWN, -EBADF]) {
      expect(receiver.receive()).to.equal(expected);
      expect(ring.available).to.equal(0);
    }
    expect(receiver.receive()).to.equal(2);
    expect(takeRecords(ring).map(({ frame }) => numberOf(frame))).to.deep.equal([1, 2]);
  });

  it('returns -EBADF for a socket that is not open', () => {
    const receiver = new Receiver(0x7fff_fffe, Ring.create(8, PACKET_RECORD), 0n);
    expect(receiver.receive()).to.equal(-EBADF);
  });

  it('receives empty packets like others when the layout has no trailer', () => {
    using pair = new Pair();
    const ring = Ring.create(8, PACKET_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    for (const bytes of [new Uint8Array(0), classicBytes(1), new Uint8Array(0)]) pair.send(bytes);
    expect(receiver.receive()).to.equal(3);
    expect(takeRecords(ring).map(({ frame }) => frame.byteLength)).to.deep.equal([0, 16, 0]);
    expect(receiver.receive()).to.equal(-EAGAIN);
  });

  it('returns -ENODEV after the packets when the other end of a local socket is closed', () => {
    using pair = new TrailedPair();
    const ring = Ring.create(2, TRAILED_RECORD);
    const receiver = new Receiver(pair.near, ring, 0n);
    for (const number of [1, 2]) pair.send(classicBytes(number));
    pair.closeFar();
    expect(receiver.receive()).to.equal(2);
    expect(takeRecords(ring).map(({ frame }) => numberOf(frame))).to.deep.equal([1, 2]);
    for (let again = 0; again < 3; again++) expect(receiver.receive()).to.equal(-ENODEV);
    expect(ring.available).to.equal(0);
  });

  it('restores the size of the control area after every batch', () => {
    using pair = new Pair();
    const ring = Ring.create(4, PACKET_RECORD);
    const receiver = new Receiver(pair.near, ring, process.hrtime.bigint());
    for (let round = 0; round < 5; round++) {
      const before = clock_gettime(CLOCK_REALTIME);
      for (let i = 0; i < 4; i++) pair.send(classicBytes(i));
      const after = clock_gettime(CLOCK_REALTIME);
      expect(receiver.receive()).to.equal(4);
      for (const { systemNs, flags } of takeRecords(ring)) {
        within(systemNs, before, after);
        expect(flags & MSG_CTRUNC).to.equal(0);
      }
    }
  });
});
