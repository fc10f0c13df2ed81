import { expect } from 'chai';
import * as fc from 'fast-check';
import { FilterConfiguration } from '../../src/frame/filter-configuration';
import { optimizeFilterConfigurations } from '../../src/frame/optimize-filters';
import { Base, Extended, dataFrame, expectError, filter } from './support';

const CODE = 'ERR_SOCKETCAN_INVALID_FILTER';

/** The reference's loop, after its description: compares every ordered pair and takes the first best one. */
function naive(given: readonly FilterConfiguration[], target: number): FilterConfiguration[] {
  const list = [...given];
  while (list.length > target) {
    let best: { i: number; j: number; merged: FilterConfiguration } | undefined;
    list.forEach((a, i) => {
      list.forEach((b, j) => {
        if (i === j) return;
        const merged = a.merge(b);
        if (best === undefined || merged.rank > best.merged.rank) best = { i, j, merged };
      });
    });
    if (best === undefined) break;
    list[best.i] = best.merged;
    list.splice(best.j, 1);
  }
  return list;
}

/** Filters of three bits: nearly every choice is a tie, so the order decides. */
const tied = fc
  .tuple(fc.nat({ max: 7 }), fc.nat({ max: 7 }), fc.constantFrom(Base, Extended, undefined))
  .map(([identifier, mask, format]) => new FilterConfiguration(identifier, mask, format));

/** Base filters that compare all bits, as an application has them. */
const exact = fc.nat({ max: 63 }).map((identifier) => new FilterConfiguration(identifier, 0x7ff, Base));

function sameAsNaive(member: fc.Arbitrary<FilterConfiguration>, numRuns: number): void {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 12, size: 'max' }), fc.integer({ min: 1, max: 6 }), (given, target) => {
      const result = optimizeFilterConfigurations(given, target);
      expect(result.map(String)).to.deep.equal(naive(given, target).map(String));
      expect(result).to.deep.equal(naive(given, target));
    }),
    { numRuns },
  );
}

describe('optimizeFilterConfigurations', () => {
  it('returns the result of pycyphal for filters with many ties', () => {
    sameAsNaive(tied, 2000);
  });

  it('returns the result of pycyphal for exact filters', () => {
    sameAsNaive(exact, 1000);
  });

  it('returns the result of pycyphal for any filters', () => {
    sameAsNaive(fc.oneof(filter, tied), 1000);
  });

  it('returns the result of pycyphal for sixty filters', () => {
    const given = fc.array(fc.oneof(filter, tied, exact), {
      minLength: 60,
      maxLength: 60,
      size: 'max',
    });
    fc.assert(
      fc.property(given, fc.integer({ min: 1, max: 59 }), (list, target) => {
        expect(optimizeFilterConfigurations(list, target)).to.deep.equal(naive(list, target));
      }),
      { numRuns: 20 },
    );
  });

  it('puts a merged filter in the place of the first of its pair', () => {
    const [a, b, c, d] = [0x100, 0x200, 0x101, 0x0ff].map(
      (identifier) => new FilterConfiguration(identifier, 0x7ff, Base),
    ) as [FilterConfiguration, FilterConfiguration, FilterConfiguration, FilterConfiguration];
    const result = optimizeFilterConfigurations([d, a, b, c], 3);
    expect(result.map(String)).to.deep.equal(['bas:00011111111', 'bas:0010000000x', 'bas:01000000000']);
    expect(result[0]).to.equal(d);
    expect(result[2]).to.equal(b);
  });

  it('passes all frames that the given filters pass, with at most the given number of filters', () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.array(filter, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        dataFrame,
        (given, target, frame) => {
          const result = optimizeFilterConfigurations(given, target);
          expect(result).to.have.length(Math.min(target, given.length));
          if (given.some((member) => member.accepts(frame))) {
            passed++;
            expect(result.some((member) => member.accepts(frame))).to.equal(true);
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(passed).to.be.greaterThan(500);
  });

  it('returns the same filters in a new array if there are few enough', () => {
    const given = [new FilterConfiguration(5, 3), new FilterConfiguration(5, 3)];
    for (const target of [2, 3, 512]) {
      const result = optimizeFilterConfigurations(given, target);
      expect(result).not.to.equal(given);
      expect(result).to.have.length(2);
      expect(result[0]).to.equal(given[0]);
      expect(result[1]).to.equal(given[1]);
    }
    expect(optimizeFilterConfigurations([], 1)).to.deep.equal([]);
  });

  it('does not change its input, which can be any iterable', () => {
    const given = Array.from({ length: 9 }, (_, i) => new FilterConfiguration(i, 0x7ff, Base));
    const before = given.map(String);
    const result = optimizeFilterConfigurations(new Set(given), 2);
    expect(given.map(String)).to.deep.equal(before);
    expect(result).to.deep.equal(naive(given, 2));
  });

  it('rejects targets below one and values that are not filters', () => {
    for (const target of [0, -1, 0.5, NaN, Infinity]) {
      expectError(() => optimizeFilterConfigurations([], target), 'RangeError', CODE, String(target));
    }
    expectError(() => optimizeFilterConfigurations([], '5' as never), 'TypeError', CODE, '"5"');
    expectError(() => optimizeFilterConfigurations([5 as never], 1), 'TypeError', CODE, '5');
  });

  it('reduces 4000 filters to the 512 of the kernel', () => {
    // Measured 0.05 to 0.3 s (x86-64, Node 20); the loop of pycyphal would need 10^10 merges.
    let seed = 1;
    const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) >>> 2;
    const given = Array.from(
      { length: 4000 },
      () => new FilterConfiguration(random() & 0x1fffffff, 0x1fffffff, Extended),
    );
    const result = optimizeFilterConfigurations(given, 512);
    expect(result).to.have.length(512);
    for (const { identifier } of given) {
      const frame = { format: Extended, identifier };
      expect(result.some((member) => member.accepts(frame))).to.equal(true);
    }
  });
});
