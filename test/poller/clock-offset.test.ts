import { expect } from 'chai';
import * as fc from 'fast-check';
import { ClockOffset } from '../../src/poller/clock-offset';

/** A sample: how long it took before and after the system clock was read, in ns. */
const sample = fc.record({
  pause: fc.bigInt({ min: 0n, max: 10n ** 10n }),
  before: fc.bigInt({ min: 0n, max: 10n ** 7n }),
  after: fc.bigInt({ min: 0n, max: 10n ** 7n }),
});

/** A system clock set to today, to the epoch, or to before the machine was started. */
const offset = fc.bigInt({ min: -(10n ** 15n), max: 4n * 10n ** 18n });

describe('ClockOffset', () => {
  it('never exceeds the true offset, so that no time is too early', () => {
    fc.assert(
      fc.property(offset, fc.array(sample, { minLength: 1 }), (truth, samples) => {
        const clock = new ClockOffset();
        let now = 10n ** 12n;
        for (const { pause, before, after } of samples) {
          now += pause;
          const found = clock.sample(now, now + before + truth, now + before + after);
          now += before + after;
          expect(found <= truth).to.equal(true);
          expect(truth - found <= after, 'no further off than the width of the sample').to.equal(true);
        }
      }),
    );
  });

  it('only gets closer to the true offset while nobody sets the clock', () => {
    fc.assert(
      fc.property(offset, fc.array(sample, { minLength: 2 }), (truth, samples) => {
        const clock = new ClockOffset();
        const now = 10n ** 12n;
        let best: bigint | undefined;
        for (const { before, after } of samples) {
          const found = clock.sample(now, now + before + truth, now + before + after);
          if (best !== undefined) expect(found >= best).to.equal(true);
          best = found;
        }
        const least = samples.reduce((a, { after }) => (after < a ? after : a), 10n ** 9n);
        expect(best).to.equal(truth - least);
      }),
    );
  });

  it('follows a step of the clock at once, forwards and backwards', () => {
    const width = 10_000n;
    const step = fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }).filter((ns) => ns > 2n * width || ns < -2n * width);
    fc.assert(
      fc.property(offset, fc.array(step, { minLength: 1 }), (truth, steps) => {
        const clock = new ClockOffset();
        const now = 10n ** 12n;
        clock.sample(now, now + truth, now + width);
        let stepped = truth;
        for (const ns of steps) {
          stepped += ns;
          expect(clock.sample(now, now + width / 2n + stepped, now + width)).to.equal(stepped - width / 2n);
        }
      }),
    );
  });

  it('keeps its value after a sample that took long', () => {
    const clock = new ClockOffset();
    const truth = 10n ** 18n;
    expect(clock.sample(1000n, 1001n + truth, 1002n)).to.equal(truth - 1n);
    // Preempted for 5 ms after the system clock was read.
    expect(clock.sample(2000n, 2001n + truth, 5_002_001n)).to.equal(truth - 1n);
    // ... and before.
    expect(clock.sample(6_000_000n, 11_000_000n + truth, 11_000_000n)).to.equal(truth);
  });

  it('works with a system clock behind the monotonic clock', () => {
    const clock = new ClockOffset();
    expect(clock.sample(1000n, 500n, 1000n)).to.equal(-500n);
    expect(clock.sample(2000n, 1500n, 2010n)).to.equal(-500n);
  });

  it('calibrates once, until a sample is narrow, at most 16 times', () => {
    const truth = 1_000_000_000_000n;
    const widths = (...ns: bigint[]) => {
      let now = 0n;
      let reads = 0;
      const clock = new ClockOffset();
      const monotonic = (): bigint => {
        // Every second read ends a sample.
        if (reads % 2 === 1) now += ns[(reads - 1) / 2] ?? 1_000_000n;
        reads++;
        return now;
      };
      const calibrate = () => {
        // The system clock is read at the beginning of a sample: the offset is off by its whole width.
        clock.calibrate(monotonic, () => now + truth);
      };
      calibrate();
      const samples = reads / 2;
      calibrate();
      expect(reads / 2, 'samples after a second call').to.equal(samples);
      const error = truth - clock.sample(now, now + truth, now + 10_000_000n);
      return { samples, error };
    };
    expect(widths(5_000_000n, 300_000n, 2_000n)).to.deep.equal({ samples: 3, error: 2_000n });
    expect(widths(2_000n)).to.deep.equal({ samples: 1, error: 2_000n });
    expect(widths()).to.deep.equal({ samples: 16, error: 1_000_000n });
  });
});
