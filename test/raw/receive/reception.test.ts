import { expect } from 'chai';
import { DataFrame } from '../../../src/frame/data-frame';
import { ErrorFrame } from '../../../src/frame/error-frame';
import { FilterConfiguration } from '../../../src/frame/filter-configuration';
import { FrameFormat } from '../../../src/frame/format';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { MSG_DONTROUTE } from '../../../src/libc/constants';
import type { Timestamp } from '../../../src/timestamp';
import { awaiting } from '../../support/fakes/awaiting';
import { bench, OWN, raw, sent, sentBytes } from '../../support/fakes/reception';
import { putRecord } from '../../support/traffic/records';

describe('Reception', () => {
  it('returns frames of all kinds with both times, and releases the slots of the ring', () => {
    const { ring, counters, take } = bench();
    putRecord(ring, raw(0x123, 2, [0xab, 0xcd]), { systemSec: 100, monotonicSec: 50 });
    putRecord(ring, raw(0x8000_0001, 64, new Array<number>(64).fill(9), 72));
    putRecord(ring, raw(0x4000_0123, 4));
    putRecord(ring, raw(0x2000_0040, 8));
    const found = take();
    expect(found.map(({ frame }) => frame.constructor)).to.deep.equal([DataFrame, DataFrame, RemoteFrame, ErrorFrame]);
    expect(found.map(({ frame }) => String(frame)).slice(0, 3)).to.deep.equal([
      '123#ABCD',
      `00000001##0${'09'.repeat(64)}`,
      '123#R4',
    ]);
    expect(found[0]).to.deep.include({
      timestamp: { systemNs: 100_000_000_000n, monotonicNs: 50_000_000_000n },
      own: false,
      local: false,
    });
    expect(ring.available).to.equal(0);
    expect(counters).to.include({ received: 4, unsupported: 0 });
  });

  it('returns a hardware time only for frames that the controller stamped', () => {
    const { ring, take } = bench();
    for (const hardwareSec of [5, 0, 6]) putRecord(ring, raw(0x123, 0), { hardwareSec });
    const [systemNs, monotonicNs] = [1_000_000_000n, 2_000_000_000n];
    expect(take().map(({ timestamp }) => timestamp)).to.deep.equal([
      { systemNs, monotonicNs, hardwareNs: 5_000_000_000n },
      { systemNs, monotonicNs },
      { systemNs, monotonicNs, hardwareNs: 6_000_000_000n },
    ]);
  });

  it('skips records without a frame, and does not count them', () => {
    const { ring, counters, take } = bench();
    putRecord(ring, raw(0x123, 1, [1]), { length: 0 });
    putRecord(ring, raw(0x124, 1, [1]));
    expect(take().map(({ frame }) => String(frame))).to.deep.equal(['124#01']);
    expect(counters).to.include({ received: 1, unsupported: 0 });
    expect(ring.available).to.equal(0);
  });

  it('drops and counts malformed frames, and keeps the frames beside them', () => {
    const { ring, counters, take } = bench();
    const good = raw(0x123, 1, [1]);
    const malformed: [Uint8Array, number?][] = [
      [raw(0x800, 1)],
      [raw(0x123, 9)],
      [raw(0x123, 10, [], 72)],
      [raw(0x4000_0123, 0, [], 72)],
      [good, 15],
      [good, 8],
      [raw(0x123, 8, [], 72), 64],
    ];
    putRecord(ring, good);
    for (const [bytes, length] of malformed) {
      putRecord(ring, bytes, length === undefined ? {} : { length });
      putRecord(ring, good);
    }
    expect(take().map(({ frame }) => String(frame))).to.deep.equal(
      new Array<string>(malformed.length + 1).fill('123#01'),
    );
    expect(counters).to.include({ received: malformed.length + 1, unsupported: malformed.length });
    expect(ring.available).to.equal(0);
  });

  it('distinguishes local frames from those of the bus', () => {
    const { ring, take } = bench();
    putRecord(ring, sentBytes);
    putRecord(ring, sentBytes, { flags: MSG_DONTROUTE });
    expect(take().map(({ own, local }) => [own, local])).to.deep.equal([
      [false, false],
      [false, true],
    ]);
  });

  it('delivers requested echoes, and drops and counts the others', () => {
    const { ring, counters, echoes, take } = bench();
    for (const wanted of [false, true, false]) echoes.expect(awaiting(sent, wanted));
    for (let i = 0; i < 3; i++) putRecord(ring, sentBytes, { flags: OWN, systemSec: i });
    const found = take();
    expect(found.map(({ timestamp }) => timestamp.systemNs)).to.deep.equal([1_000_000_000n]);
    expect(found[0]).to.include({ own: true, local: true });
    expect(counters).to.include({ received: 0, receivedOwn: 1, unrequested: 2 });
  });

  it('delivers all echoes that pass the filters with receiveOwn', () => {
    const { ring, counters, echoes, acceptance, take } = bench(
      64,
      [new FilterConfiguration(0, 0, FrameFormat.Base)],
      true,
    );
    acceptance.addEcho(sent);
    for (const wanted of [true, false]) echoes.expect(awaiting(sent, wanted));
    for (let i = 0; i < 2; i++) putRecord(ring, sentBytes, { flags: OWN });
    putRecord(ring, raw(0x5, 0), { flags: OWN });
    expect(take().map(({ frame }) => String(frame))).to.deep.equal(['00000007#0102', '005#']);
    expect(counters).to.include({ receivedOwn: 2, unrequested: 1 });
  });

  it('counts echoes that confirm a frame, and delivers those that were also requested', () => {
    const { ring, counters, echoes, take } = bench();
    const times: bigint[] = [];
    const confirms = { echoed: (_: number, at?: Timestamp) => times.push(at?.systemNs ?? -1n) };
    for (const wanted of [false, true]) echoes.expect(awaiting(sent, wanted, confirms));
    for (let i = 0; i < 2; i++) putRecord(ring, sentBytes, { flags: OWN, systemSec: i });
    expect(take()).to.have.lengthOf(1);
    expect(times).to.deep.equal([0n, 1_000_000_000n]);
    expect(counters).to.include({ confirmed: 2, receivedOwn: 1, unrequested: 0 });
  });

  it('rejects and counts frames that only the filter for an echo accepts', () => {
    const { ring, counters, acceptance, take } = bench(64, [new FilterConfiguration(0x123, 0x7ff, FrameFormat.Base)]);
    acceptance.addEcho(sent);
    putRecord(ring, sentBytes);
    putRecord(ring, raw(0x123, 0));
    putRecord(ring, raw(0x2000_0040, 8));
    expect(take().map(({ frame }) => frame.constructor)).to.deep.equal([DataFrame, ErrorFrame]);
    expect(counters).to.include({ received: 2, filtered: 1 });
  });

  it('takes at most 512 frames at a time, in order across the end of the ring', () => {
    const { ring, take } = bench(1024);
    ring.publish(1000);
    ring.release(1000);
    for (let i = 0; i < 600; i++) putRecord(ring, raw(i, 0));
    const ids = () => take().map(({ frame }) => (frame as DataFrame).identifier);
    expect(ids()).to.deep.equal(Array.from({ length: 512 }, (_, i) => i));
    expect(ring.available).to.equal(88);
    expect(ids()).to.deep.equal(Array.from({ length: 88 }, (_, i) => 512 + i));
    expect(take()).to.deep.equal([]);
  });

  it('copies the data, so that frames stay valid when the ring is written again', () => {
    const { ring, take } = bench(1);
    putRecord(ring, raw(1, 2, [1, 2]));
    const [first] = take();
    putRecord(ring, raw(2, 2, [3, 4]));
    take();
    expect(String(first?.frame)).to.equal('001#0102');
  });
});
