import { expect } from 'chai';
import { clock_gettime } from '../../src/libc/clock';
import { CLOCK_REALTIME } from '../../src/libc/constants';
import { Ring } from '../../src/poller/ring';
import { timestampAt, timestampOf } from '../../src/poller/timestamp';
import { PACKET_RECORD, putRecord } from '../support/traffic/records';

describe('timestampAt', () => {
  it('returns the same moment on both clocks', () => {
    const mono = process.hrtime.bigint() - 5_000_000_000n;
    const first = { mono: process.hrtime.bigint(), real: clock_gettime(CLOCK_REALTIME) };
    const { systemNs, monotonicNs } = timestampAt(mono);
    const last = { real: clock_gettime(CLOCK_REALTIME), mono: process.hrtime.bigint() };
    expect(monotonicNs).to.equal(mono);
    expect(systemNs >= first.real - (last.mono - mono)).to.equal(true);
    expect(systemNs <= last.real - (first.mono - mono)).to.equal(true);
  });
});

describe('timestampOf', () => {
  it('returns the times of a record, and the hardware time only if there is one', () => {
    const ring = Ring.create(2, PACKET_RECORD);
    putRecord(ring, new Uint8Array(16), { systemSec: 5, monotonicSec: 6 });
    putRecord(ring, new Uint8Array(16), { systemSec: 7, monotonicSec: 8, hardwareSec: 9 });
    expect([0, 1].map((slot) => timestampOf(ring, ring.offset(slot)))).to.deep.equal([
      { systemNs: 5_000_000_000n, monotonicNs: 6_000_000_000n },
      { systemNs: 7_000_000_000n, monotonicNs: 8_000_000_000n, hardwareNs: 9_000_000_000n },
    ]);
  });
});
