import { expect } from 'chai';
import * as fc from 'fast-check';
import { Timeline } from '../../src/virtual/timeline';
import { until } from '../support/waiting/until';
import { sleep } from '../support/processes/process';
import { thrown, wrong } from '../support/asserts/thrown';

const MS = 1_000_000n;

/** The process warnings of timers that come while the body runs. */
async function warningsOf(body: () => Promise<void>): Promise<string[]> {
  const names: string[] = [];
  const collect = ({ name }: Error): void => {
    if (name.startsWith('Timeout')) names.push(name);
  };
  process.on('warning', collect);
  try {
    await body();
  } finally {
    process.off('warning', collect);
  }
  return names;
}

describe('A timeline of virtual time', () => {
  it('starts at 0 and stands still until it is advanced', async () => {
    const timeline = new Timeline(true);
    let ran = false;
    timeline.at(0n, () => (ran = true));
    await sleep(2); // A timer for the call, set before, would run first.
    expect([timeline.now, ran, timeline.virtual]).to.deep.equal([0n, false, true]);
    timeline.advance(0n);
    expect([timeline.now, ran]).to.deep.equal([0n, true]);
  });

  it('runs each call at its time, and calls of the same time in the order scheduled', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.array(fc.nat(10)), (times, steps) => {
        const timeline = new Timeline(true);
        const ran: [time: number, order: number, now: number][] = [];
        times.forEach((time, order) => {
          timeline.at(BigInt(time), () => ran.push([time, order, Number(timeline.now)]));
        });
        let end = 0;
        for (const step of steps) {
          timeline.advance(BigInt(step));
          end += step;
          expect(timeline.now).to.equal(BigInt(end));
        }
        if (steps.length === 0) return;
        const due = times
          .map((time, order): [number, number, number] => [time, order, time])
          .filter(([time]) => time <= end)
          .sort(([a], [b]) => a - b);
        expect(ran).to.deep.equal(due);
      }),
    );
  });

  it('runs a call scheduled while time advances if it is due before the end', () => {
    const timeline = new Timeline(true);
    const ran: bigint[] = [];
    const again = (): void => {
      ran.push(timeline.now);
      timeline.at(timeline.now + 10n, again);
    };
    timeline.at(10n, again);
    timeline.advance(35n);
    expect(ran).to.deep.equal([10n, 20n, 30n]);
    timeline.advance(5n);
    expect(ran).to.deep.equal([10n, 20n, 30n, 40n]);
  });

  it('runs no call after clear()', () => {
    const timeline = new Timeline(true);
    let ran = false;
    timeline.at(1n, () => (ran = true));
    timeline.clear();
    timeline.advance(10n);
    expect(ran).to.equal(false);
  });

  it('refuses to advance by a negative time or by anything but a bigint', () => {
    const timeline = new Timeline(true);
    const code = 'ERR_SOCKETCAN_INVALID_OPTION';
    const advance = (ns: unknown) => () => {
      timeline.advance(wrong(ns));
    };
    const negative = thrown(advance(-1n));
    expect(negative).to.include({ code, name: 'RangeError' });
    expect(negative.message).to.equal('The time to advance must be 0 ns or more; found -1n');
    for (const bad of [1, undefined, null, '1']) {
      expect(thrown(advance(bad))).to.include({ code, name: 'TypeError' });
    }
    expect(timeline.now).to.equal(0n);
  });
});

describe('A timeline of the monotonic clock', () => {
  it('runs no call before its time, and keeps the order of the calls', async () => {
    const timeline = new Timeline(false);
    const begin = timeline.now;
    const ran: number[] = [];
    let early = 0;
    for (const ms of [20, 1, 10, 0]) {
      const time = begin + BigInt(ms) * MS;
      timeline.at(time, () => {
        ran.push(ms);
        if (timeline.now < time) early++;
      });
    }
    await until(() => ran.length === 4, 'all four');
    expect(ran).to.deep.equal([0, 1, 10, 20]);
    expect(early).to.equal(0);
  });

  it('runs a near call scheduled after a distant one', async () => {
    const timeline = new Timeline(false);
    let soon = false;
    timeline.at(timeline.now + 3600_000n * MS, () => undefined);
    timeline.at(timeline.now + 1n * MS, () => (soon = true));
    await until(() => soon, 'the near call');
    timeline.clear();
  });

  it('waits longer than the longest timer of Node', async () => {
    const timeline = new Timeline(false);
    let ran = false;
    const warnings = await warningsOf(async () => {
      timeline.at(timeline.now + BigInt(Number.MAX_SAFE_INTEGER) * 1000n, () => (ran = true));
      // Node replaces a time that is too long by 1 ms, and prints a warning.
      await sleep(2);
    });
    timeline.clear();
    expect([ran, warnings]).to.deep.equal([false, []]);
  });

  it('runs a call whose time has passed, without a process warning', async () => {
    const timeline = new Timeline(false);
    const ran: number[] = [];
    const warnings = await warningsOf(async () => {
      timeline.at(timeline.now - 1000n * MS, () => ran.push(1));
      timeline.at(timeline.now - 500n * MS, () => ran.push(2));
      await until(() => ran.length === 2, 'both calls');
    });
    expect([ran, warnings]).to.deep.equal([[1, 2], []]);
  });

  it('runs no call after clear()', async () => {
    const timeline = new Timeline(false);
    let ran = false;
    timeline.at(timeline.now, () => (ran = true));
    timeline.clear();
    await sleep(2); // The timer of the call would run first.
    expect(ran).to.equal(false);
  });

  it('refuses to be advanced', () => {
    const error = thrown(() => {
      new Timeline(false).advance(1n);
    });
    expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_OPTION', name: 'TypeError' });
    expect(error.message).to.include('virtualTime: true');
  });
});
