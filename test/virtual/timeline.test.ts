import { expect } from 'chai';
import * as fc from 'fast-check';
import { Timeline } from '../../src/virtual/timeline';
import { until } from '../support/waiting/until';
import { sleep } from '../support/processes/process';
import { thrown, wrong } from '../support/asserts/thrown';

const MS = 1_000_000n;

describe('A timeline of virtual time', () => {
  it('begins at 0 and goes nowhere by itself', async () => {
    const timeline = new Timeline(true);
    let ran = false;
    timeline.at(0n, () => (ran = true));
    await sleep(5);
    expect([timeline.now, ran, timeline.virtual]).to.deep.equal([0n, false, true]);
    timeline.advance(0n);
    expect([timeline.now, ran]).to.deep.equal([0n, true]);
  });

  it('runs what falls due at its time, in order, and those of one time in the order made', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.array(fc.nat(10)), (times, steps) => {
        const timeline = new Timeline(true);
        const ran: [time: number, made: number, now: number][] = [];
        times.forEach((time, made) => {
          timeline.at(BigInt(time), () => ran.push([time, made, Number(timeline.now)]));
        });
        let end = 0;
        for (const step of steps) {
          timeline.advance(BigInt(step));
          end += step;
          expect(timeline.now).to.equal(BigInt(end));
        }
        if (steps.length === 0) return;
        const due = times
          .map((time, made): [number, number, number] => [time, made, time])
          .filter(([time]) => time <= end)
          .sort(([a], [b]) => a - b);
        expect(ran).to.deep.equal(due);
      }),
    );
  });

  it('runs what is arranged on the way if it falls due on the way', () => {
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

  it('forgets all of it when told to', () => {
    const timeline = new Timeline(true);
    let ran = false;
    timeline.at(1n, () => (ran = true));
    timeline.clear();
    timeline.advance(10n);
    expect(ran).to.equal(false);
  });

  it('is not turned back, nor advanced by what is no time', () => {
    const timeline = new Timeline(true);
    const code = 'ERR_SOCKETCAN_INVALID_OPTION';
    const advance = (ns: unknown) => () => {
      timeline.advance(wrong(ns));
    };
    expect(thrown(advance(-1n))).to.include({ code, name: 'RangeError' });
    for (const bad of [1, undefined, null, '1']) {
      expect(thrown(advance(bad))).to.include({ code, name: 'TypeError' });
    }
    expect(timeline.now).to.equal(0n);
  });
});

describe('A timeline of the monotonic clock', () => {
  it('runs what is due, not before its time, in order', async () => {
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

  it('does not let what is soon wait for what is late', async () => {
    const timeline = new Timeline(false);
    let soon = false;
    timeline.at(timeline.now + 3600_000n * MS, () => undefined);
    timeline.at(timeline.now + 1n * MS, () => (soon = true));
    await until(() => soon, 'what is soon', 2000);
    timeline.clear();
  });

  it('waits for times beyond those a timer of Node’s can be set to', async () => {
    const timeline = new Timeline(false);
    let ran = false;
    const warnings: Error[] = [];
    const warn = (warning: Error): number => warnings.push(warning);
    process.on('warning', warn);
    timeline.at(timeline.now + BigInt(Number.MAX_SAFE_INTEGER) * 1000n, () => (ran = true));
    await sleep(20);
    process.off('warning', warn);
    timeline.clear();
    // Node makes such a time 1 ms, and says so in a warning.
    expect([ran, warnings]).to.deep.equal([false, []]);
  });

  it('forgets all of it when told to', async () => {
    const timeline = new Timeline(false);
    let ran = false;
    timeline.at(timeline.now, () => (ran = true));
    timeline.clear();
    await sleep(10);
    expect(ran).to.equal(false);
  });

  it('cannot be advanced', () => {
    const error = thrown(() => {
      new Timeline(false).advance(1n);
    });
    expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_OPTION', name: 'TypeError' });
    expect(error.message).to.include('virtualTime: true');
  });
});
