import { expect } from 'chai';
import * as fc from 'fast-check';
import { RECORD, recordSize } from '../../src/poller/record';
import { Ring } from '../../src/poller/ring';
import { PACKET_RECORD } from '../support/traffic/records';

/** Moves head and tail on by this many records. */
function turn(ring: Ring, count: number): void {
  ring.publish(count | 0);
  ring.release(count | 0);
}

describe('Ring', () => {
  it('starts empty, and counts published and released records', () => {
    const ring = Ring.create(8, PACKET_RECORD);
    expect(ring).to.include({ slots: 8, available: 0, free: 8, headSlot: 0, tailSlot: 0 });
    ring.publish(5);
    expect(ring).to.include({ available: 5, free: 3, headSlot: 0, tailSlot: 5 });
    ring.release(2);
    expect(ring).to.include({ available: 3, free: 5, headSlot: 2, tailSlot: 5 });
    ring.publish(5);
    expect(ring).to.include({ available: 8, free: 0, headSlot: 2, tailSlot: 2 });
  });

  it('counts correctly when head and tail pass 2**31 and 2**32', () => {
    for (const start of [2 ** 31 - 5, 2 ** 32 - 5]) {
      const ring = Ring.create(8, PACKET_RECORD);
      turn(ring, start);
      expect(ring.tailSlot).to.equal(3);
      for (let i = 0; i < 16; i++) {
        ring.publish(6);
        expect(ring).to.include({ available: 6, free: 2 });
        ring.release(6);
        expect(ring).to.include({ available: 0, free: 8, headSlot: (3 + 6 * (i + 1)) % 8 });
      }
    }
  });

  it('holds exactly the published records, whatever the order of the two sides', () => {
    const step = fc.tuple(fc.boolean(), fc.nat({ max: 16 }));
    const start = fc.constantFrom(0, 2 ** 31 - 9, 2 ** 32 - 9);
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 100 }), (from, steps) => {
        const ring = Ring.create(16, PACKET_RECORD);
        turn(ring, from);
        let held = 0;
        let total = from;
        for (const [produce, size] of steps) {
          const count = Math.min(size, produce ? ring.free : ring.available);
          if (produce) ring.publish(count);
          else ring.release(count);
          held += produce ? count : -count;
          if (produce) total += count;
          expect(ring).to.include({ available: held, free: 16 - held, tailSlot: total % 16 });
          expect(ring.headSlot).to.equal((total - held) % 16);
        }
      }),
    );
  });

  it('continues with the first slot after the last', () => {
    const ring = Ring.create(4, PACKET_RECORD);
    expect([0, 1, 2, 3].map((slot) => ring.after(slot))).to.deep.equal([1, 2, 3, 0]);
  });

  for (const packetSize of [1, 16, 80, 2060, 4104]) {
    it(`places records for packets of ${packetSize} bytes so that they neither overlap nor leave the memory`, () => {
      const layout = { packetSize, trailer: false };
      const ring = Ring.create(64, layout);
      const size = ring.offset(1) - ring.offset(0);
      expect(ring.offset(0)).to.equal(128);
      expect(size).to.equal(recordSize(layout));
      expect(size).to.be.at.least(RECORD.packet + packetSize);
      expect(size % 8).to.equal(0);
      expect(ring.offset(64)).to.equal(ring.shared.byteLength);
      expect(Ring.attach(ring.shared, layout).slots).to.equal(64);
    });
  }

  it('is the same ring when it is attached to the same memory', () => {
    const ring = Ring.create(16, PACKET_RECORD);
    const other = Ring.attach(ring.shared, PACKET_RECORD);
    expect(other.slots).to.equal(16);
    other.memory.bytes[ring.offset(3) + RECORD.packet] = 0x77;
    other.setTime(ring.offset(3), RECORD.system, 5, 6);
    other.publish(4);
    expect(ring).to.include({ available: 4, tailSlot: 4 });
    expect(ring.memory.bytes[ring.offset(3) + RECORD.packet]).to.equal(0x77);
    expect(ring.time(ring.offset(3), RECORD.system)).to.equal(5_000_000_006n);
    ring.release(1);
    expect(other).to.include({ available: 3, headSlot: 1 });
  });
});

describe('the times of a record', () => {
  it('read back to the nanosecond', () => {
    const sec = fc.oneof(fc.nat({ max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 2 ** 33 }));
    const ring = Ring.create(2, PACKET_RECORD);
    fc.assert(
      fc.property(sec, fc.nat({ max: 999_999_999 }), (seconds, ns) => {
        const expected = BigInt(seconds) * 1_000_000_000n + BigInt(ns);
        ring.setTime(ring.offset(1), RECORD.monotonic, seconds, ns);
        expect(ring.time(ring.offset(1), RECORD.monotonic)).to.equal(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('read back near a carry of the low half', () => {
    const ring = Ring.create(1, PACKET_RECORD);
    for (let k = 1n; k < 2n ** 31n; k = k * 3n + 1n) {
      for (const delta of [-1n, 0n, 1n]) {
        const ns = (k << 32n) + delta;
        const [sec, nsec] = [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
        ring.setTime(ring.offset(0), RECORD.system, sec, nsec);
        expect(ring.time(ring.offset(0), RECORD.system)).to.equal(ns);
      }
    }
  });

  it('do not change each other or their neighbours', () => {
    const ring = Ring.create(1, PACKET_RECORD);
    ring.memory.bytes.fill(0xa5);
    ring.setTime(ring.offset(0), RECORD.system, 1, 2);
    ring.setTime(ring.offset(0), RECORD.monotonic, 3, 4);
    expect(ring.time(ring.offset(0), RECORD.system)).to.equal(1_000_000_002n);
    expect(ring.time(ring.offset(0), RECORD.monotonic)).to.equal(3_000_000_004n);
    const { bytes } = ring.memory;
    const start = ring.offset(0);
    const outside = [...bytes.subarray(0, start), ...bytes.subarray(start + RECORD.monotonic + 8)];
    expect(outside.every((byte) => byte === 0xa5)).to.equal(true);
  });
});

describe('a stall', () => {
  it('begins only while the ring is full', () => {
    const ring = Ring.create(8, PACKET_RECORD);
    ring.publish(7);
    expect(ring.stall()).to.equal(false);
    expect(ring.stalled).to.equal(false);
    ring.publish(1);
    expect(ring.stall()).to.equal(true);
    expect(ring.stalled).to.equal(true);
  });

  it('ends when half the ring is free, and wakes the producer once', () => {
    const ring = Ring.create(8, PACKET_RECORD);
    ring.publish(8);
    ring.stall();
    const woken: boolean[] = [];
    for (let i = 0; i < 8; i++) {
      ring.release(1);
      woken.push(ring.resume());
    }
    expect(woken).to.deep.equal([false, false, false, true, false, false, false, false]);
    expect(ring.stalled).to.equal(false);
  });

  it('needs no wake when it has not begun', () => {
    const ring = Ring.create(8, PACKET_RECORD);
    expect(ring.resume()).to.equal(false);
    ring.publish(8);
    ring.release(8);
    expect(ring.resume()).to.equal(false);
  });

  it('ends with the only record of a ring of one slot', () => {
    const ring = Ring.create(1, PACKET_RECORD);
    ring.publish(1);
    expect(ring.stall()).to.equal(true);
    ring.release(1);
    expect(ring.resume()).to.equal(true);
  });

  it('is visible to both sides', () => {
    const ring = Ring.create(8, PACKET_RECORD);
    const other = Ring.attach(ring.shared, PACKET_RECORD);
    ring.publish(8);
    ring.stall();
    other.release(4);
    expect(other.stalled).to.equal(true);
    expect(other.resume()).to.equal(true);
    expect(ring.stalled).to.equal(false);
  });
});
