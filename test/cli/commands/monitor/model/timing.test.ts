import { expect } from 'chai';
import * as fc from 'fast-check';
import { Timing } from '../../../../../src/cli/commands/monitor/model/timing';

const MS = 1e6;
const SECOND = 1e9;

function timing(...atMs: number[]): Timing {
  const result = new Timing();
  for (const at of atMs) result.add(at * MS);
  return result;
}

/** Arrivals every `periodMs`, from 0 on, until the last before `endMs`. */
function periodic(periodMs: number, endMs: number): Timing {
  const result = new Timing();
  for (let at = 0; at < endMs; at += periodMs) result.add(at * MS);
  return result;
}

describe('Timing', () => {
  it('has no period, no jitter and no rate after a single arrival', () => {
    const one = timing(5);
    expect([one.periodNs, one.jitterNs, one.rate(10 * MS)]).to.deep.equal([undefined, undefined, 0]);
  });

  it('has the mean interval as period, and the largest deviation from it as jitter', () => {
    const some = timing(0, 10, 21, 29, 40);
    expect(some.periodNs).to.equal(10 * MS);
    expect(some.jitterNs).to.equal(2 * MS);
  });

  it('has the reciprocal of the period as rate, and a falling one when the next arrival is late', () => {
    const regular = periodic(10, 500);
    const last = 490 * MS;
    expect(regular.rate(last)).to.equal(100);
    expect(regular.rate(last + 10 * MS)).to.equal(100);
    expect(regular.rate(last + 20 * MS)).to.be.closeTo((50 * 1000) / 510, 1e-9);
    expect(regular.rate(last + 10 * SECOND)).to.be.closeTo(50 / 10.49, 1e-9);
  });

  it('has a rate that does not jump when an arrival becomes late', () => {
    const regular = periodic(10, 500);
    expect(regular.rate(500 * MS + 1)).to.be.closeTo(100, 0.001);
  });

  it('forgets an interval after 2 s of others', () => {
    const late = new Timing();
    late.add(0);
    late.add(100 * MS);
    for (let at = 110; at <= 4000; at += 10) late.add(at * MS);
    expect(late.periodNs).to.equal(10 * MS);
    expect(late.jitterNs).to.equal(0);
  });

  it('keeps at least 8 intervals that are longer than a second', () => {
    const slow = periodic(700, 700 * 9);
    expect(slow.periodNs).to.equal(700 * MS);
    const [before, after] = [periodic(1000, 8000), periodic(1000, 8000)];
    after.add(8500 * MS);
    expect(after.jitterNs).to.be.above(before.jitterNs ?? 0);
  });

  it('restarts after a silence of 2 s and 10 periods, and continues after a shorter one', () => {
    const silent = periodic(10, 100);
    silent.add(90 * MS + 2.1 * SECOND);
    expect(silent.periodNs).to.equal(undefined);
    silent.add(100 * MS + 2.1 * SECOND);
    expect(silent.periodNs).to.be.closeTo(10 * MS, 1);
    const slow = periodic(1000, 5000);
    slow.add(9000 * MS);
    expect(slow.jitterNs).to.be.above(2 * SECOND);
  });

  it('takes an arrival with an earlier time as one at the time of the last', () => {
    const back = timing(0, 10, 5, 20);
    expect(back.lastNs).to.equal(20 * MS);
    expect(back.periodNs).to.be.closeTo((20 * MS) / 3, 1);
  });

  it('has no rate when all arrivals have the same time', () => {
    expect(timing(5, 5, 5).rate(5 * MS)).to.equal(0);
  });

  it('has a mean and a jitter within its intervals, and a clone has the same', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 200 }), (gaps) => {
        const subject = new Timing();
        let at = 0;
        subject.add(at);
        for (const gap of gaps) subject.add((at += gap * MS));
        const { periodNs = NaN, jitterNs = NaN } = subject;
        expect(periodNs).to.be.within(Math.min(...gaps) * MS - 1, Math.max(...gaps) * MS + 1);
        expect(jitterNs).to.be.within(0, (Math.max(...gaps) - Math.min(...gaps)) * MS + 1);
        expect(subject.rate(at + SECOND)).to.be.at.least(0);
        const copy = subject.clone();
        subject.add(at + MS);
        expect([copy.periodNs, copy.jitterNs, copy.lastNs]).to.deep.equal([periodNs, jitterNs, at]);
      }),
    );
  });
});
