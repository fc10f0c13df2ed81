import { expect } from 'chai';
import * as fc from 'fast-check';
import { FaultGenerator, type Fault } from '../../src/virtual/fault-generator';
import type { BusFaults } from '../../src/virtual/faults';

const FAULTS: BusFaults = { drop: 0.1, duplicate: 0.2, reorder: 0.3, delay: 0.4, delayNs: 1000 };

function generate(seed: number, faults: BusFaults, count: number): Fault[] {
  const generator = new FaultGenerator(seed);
  return Array.from({ length: count }, () => generator.next(faults));
}

const seed = fc.integer({ min: -0x80000000, max: 0xffffffff });

describe('FaultGenerator', () => {
  it('gives the same faults for the same seed', () => {
    fc.assert(
      fc.property(seed, (value) => {
        expect(generate(value, FAULTS, 50)).to.deep.equal(generate(value, FAULTS, 50));
      }),
    );
  });

  it('gives other faults for another seed', () => {
    fc.assert(
      fc.property(seed, seed, (a, b) => {
        fc.pre(a >>> 0 !== b >>> 0);
        expect(generate(a, FAULTS, 100)).to.not.deep.equal(generate(b, FAULTS, 100));
      }),
    );
  });

  it('distributes delays evenly from 0 to below delayNs', () => {
    const counts = new Array<number>(10).fill(0);
    for (const { delayNs } of generate(1, { delayNs: 10 }, 100_000)) {
      counts[Number(delayNs)] = (counts[Number(delayNs)] as number) + 1;
    }
    // Five standard deviations are 474.
    for (const count of counts) expect(count).to.be.within(9500, 10_500);
    expect(counts).to.have.lengthOf(10);
  });

  it('gives each fault at its probability, and the first one where several apply', () => {
    const count = 100_000;
    const seen = { none: 0, drop: 0, duplicate: 0, reorder: 0, delay: 0 };
    for (const { kind } of generate(3, FAULTS, count)) seen[kind ?? 'none']++;
    const expected = {
      drop: 0.1,
      duplicate: 0.9 * 0.2,
      reorder: 0.9 * 0.8 * 0.3,
      delay: 0.9 * 0.8 * 0.7 * 0.4,
      none: 0.9 * 0.8 * 0.7 * 0.6,
    };
    for (const [kind, probability] of Object.entries(expected)) {
      expect(seen[kind as keyof typeof seen] / count, kind).to.be.closeTo(probability, 0.008);
    }
  });

  it('gives no fault at 0 or by default, and the same fault to every frame at 1', () => {
    for (const { kind } of generate(5, { drop: 0, delay: 0 }, 1000)) expect(kind).to.equal(undefined);
    for (const { kind } of generate(5, {}, 1000)) expect(kind).to.equal(undefined);
    for (const { kind } of generate(5, { drop: 1 }, 1000)) expect(kind).to.equal('drop');
    for (const { kind } of generate(5, { delay: 1 }, 1000)) expect(kind).to.equal('delay');
  });

  it('keeps the other faults in place when the probability of one changes', () => {
    const delays = (drop: number): (string | undefined)[] =>
      generate(7, { drop, delay: 0.5 }, 1000).map(({ kind, delayNs }) =>
        kind === 'drop' ? undefined : `${String(kind)} ${String(delayNs)}`,
      );
    const [few, many] = [delays(0.1), delays(0.6)];
    const survivors = many.filter((each) => each !== undefined);
    expect(survivors.length).to.be.within(300, 500);
    for (const [at, each] of many.entries()) if (each !== undefined) expect(few[at]).to.equal(each);
  });

  it('delays by 0 up to delayNs, by default up to 1 ms', () => {
    const delays = (longest: number | undefined): number[] =>
      generate(9, longest === undefined ? { delay: 1 } : { delay: 1, delayNs: longest }, 10_000).map(({ delayNs }) =>
        Number(delayNs),
      );
    for (const [given, longest] of [
      [undefined, 1_000_000],
      [1000, 1000],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ] as const) {
      const all = delays(given);
      expect(Math.min(...all)).to.be.within(0, longest * 0.01);
      expect(Math.max(...all)).to.be.within(longest * 0.99, longest - 1);
    }
    expect(new Set(delays(0))).to.deep.equal(new Set([0]));
  });
});
