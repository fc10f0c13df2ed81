import { expect } from 'chai';
import { clock_gettime } from '../../src/libc/clock';
import { CLOCK_REALTIME } from '../../src/libc/constants';
import { timestampAt } from '../../src/poller/timestamp';

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
