import { expect } from 'chai';
import * as fc from 'fast-check';
import { Chance, checkFaults, type BusFaults, type Fate } from '../../src/virtual/faults';
import { thrown, wrong } from '../support/asserts/thrown';

const FAULTS: BusFaults = { drop: 0.1, duplicate: 0.2, reorder: 0.3, delay: 0.4, delayNs: 1000 };

function fates(seed: number, faults: BusFaults, count: number): { fate: Fate; delayNs: bigint }[] {
  const chance = new Chance(seed);
  return Array.from({ length: count }, () => chance.fate(faults));
}

const seed = fc.integer({ min: -0x80000000, max: 0xffffffff });

describe('Chance', () => {
  it('gives the same faults for the same seed', () => {
    fc.assert(
      fc.property(seed, (value) => {
        expect(fates(value, FAULTS, 50)).to.deep.equal(fates(value, FAULTS, 50));
      }),
    );
  });

  it('gives other faults for another seed', () => {
    fc.assert(
      fc.property(seed, seed, (a, b) => {
        fc.pre(a >>> 0 !== b >>> 0);
        expect(fates(a, FAULTS, 100)).to.not.deep.equal(fates(b, FAULTS, 100));
      }),
    );
  });

  it('is spread evenly over 0 to 1, without 1', () => {
    const chance = new Chance(1);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const tenth = Math.floor(chance.next() * 10);
      tenths[tenth] = (tenths[tenth] as number) + 1;
    }
    // Five standard deviations are 474.
    for (const count of tenths) expect(count).to.be.within(9500, 10_500);
    expect(tenths).to.have.lengthOf(10);
  });

  it('gives each fault at its probability, and the first one where several apply', () => {
    const count = 100_000;
    const seen = { pass: 0, drop: 0, duplicate: 0, reorder: 0, delay: 0 };
    for (const { fate } of fates(3, FAULTS, count)) seen[fate]++;
    const expected = {
      drop: 0.1,
      duplicate: 0.9 * 0.2,
      reorder: 0.9 * 0.8 * 0.3,
      delay: 0.9 * 0.8 * 0.7 * 0.4,
      pass: 0.9 * 0.8 * 0.7 * 0.6,
    };
    for (const [fate, probability] of Object.entries(expected)) {
      expect(seen[fate as Fate] / count, fate).to.be.closeTo(probability, 0.008);
    }
  });

  it('gives no fault at 0 or by default, and the same fault to every frame at 1', () => {
    for (const { fate } of fates(5, { drop: 0, delay: 0 }, 1000)) expect(fate).to.equal('pass');
    for (const { fate } of fates(5, {}, 1000)) expect(fate).to.equal('pass');
    for (const { fate } of fates(5, { drop: 1 }, 1000)) expect(fate).to.equal('drop');
    for (const { fate } of fates(5, { delay: 1 }, 1000)) expect(fate).to.equal('delay');
  });

  it('keeps the other faults in place when the probability of one changes', () => {
    const delays = (drop: number): (string | undefined)[] =>
      fates(7, { drop, delay: 0.5 }, 1000).map(({ fate, delayNs }) =>
        fate === 'drop' ? undefined : `${fate} ${String(delayNs)}`,
      );
    const [few, many] = [delays(0.1), delays(0.6)];
    const survivors = many.filter((each) => each !== undefined);
    expect(survivors.length).to.be.within(300, 500);
    for (const [at, each] of many.entries()) if (each !== undefined) expect(few[at]).to.equal(each);
  });

  it('delays by 0 up to delayNs, by default up to 1 ms', () => {
    const delays = (longest: number | undefined): number[] =>
      fates(9, longest === undefined ? { delay: 1 } : { delay: 1, delayNs: longest }, 10_000).map(({ delayNs }) =>
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

describe('checkFaults', () => {
  it('accepts probabilities and a time', () => {
    for (const good of [{}, { drop: 0 }, { drop: 1, duplicate: 0.5 }, FAULTS, { delayNs: 0 }]) {
      expect(checkFaults(good)).to.deep.equal(good);
    }
    expect(checkFaults(wrong({ drop: undefined }))).to.deep.equal({ drop: undefined });
  });

  const code = 'ERR_SOCKETCAN_INVALID_OPTION';
  for (const kind of ['drop', 'duplicate', 'reorder', 'delay']) {
    it(`rejects an invalid probability of ${kind}, with its name in the message`, () => {
      for (const bad of [-0.1, 1.1, NaN, Infinity, '0.5', null, true, {}, 1n]) {
        const error = thrown(() => checkFaults(wrong({ [kind]: bad })));
        expect(error).to.have.property('code', code);
        expect(error.message).to.include(`fault ${kind} `);
      }
    });
  }

  it('rejects an invalid time and unknown faults, with their names in the message', () => {
    for (const bad of [-1, 0.5, NaN, 2 ** 53, '1', null, 5n]) {
      const error = thrown(() => checkFaults(wrong({ delayNs: bad })));
      expect(error).to.have.property('code', code);
      expect(error.message).to.include('delayNs');
    }
    const error = thrown(() => checkFaults(wrong({ dropp: 0.5 })));
    expect(error).to.include({ code, name: 'RangeError' });
    expect(error.message).to.include('dropp');
  });

  it('rejects everything but an object', () => {
    for (const bad of [null, 0.5, 'drop', undefined]) {
      expect(thrown(() => checkFaults(wrong(bad)))).to.include({ code, name: 'TypeError' });
    }
  });
});
