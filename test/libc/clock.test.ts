import { expect } from 'chai';
import { clock_gettime } from '../../src/libc/clock';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../../src/libc/constants';
import { thrown, wrong } from '../support/asserts/thrown';

describe('clock_gettime', () => {
  it('reads the clock of process.hrtime.bigint() as CLOCK_MONOTONIC', () => {
    for (let i = 0; i < 100; i++) {
      const before = process.hrtime.bigint();
      const now = clock_gettime(CLOCK_MONOTONIC);
      const after = process.hrtime.bigint();
      expect(before <= now && now <= after, `${before} <= ${now} <= ${after}`).to.equal(true);
    }
  });

  it('reads the clock of Date.now() in ns as CLOCK_REALTIME', () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const now = clock_gettime(CLOCK_REALTIME);
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    expect(before <= now && now <= after, `${before} <= ${now} <= ${after}`).to.equal(true);
  });

  it('throws a system error for a clock that does not exist', () => {
    const error = thrown(() => clock_gettime(wrong(999)));
    expect(error).to.include({ code: 'EINVAL', syscall: 'clock_gettime' });
  });
});
