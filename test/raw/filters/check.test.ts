import { expect } from 'chai';
import type { CANFilter } from '../../../src/frame/can-filter';
import { FilterConfiguration } from '../../../src/frame/filter-configuration';
import { FrameFormat } from '../../../src/frame/format';
import { checkFilters } from '../../../src/raw/filters/check';
import { thrown } from '../../support/asserts/thrown';

const { Base, Extended } = FrameFormat;
const MERGE = { joinFilters: false, optimizeFilters: true };

function expectInvalid(call: () => unknown, type: typeof TypeError | typeof RangeError, ...words: string[]) {
  const error = thrown(call);
  expect(error, words.join(' ')).to.be.instanceOf(type);
  expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FILTER');
  for (const word of words) expect(error.message).to.contain(word);
}

const plain = (count: number): CANFilter[] =>
  Array.from({ length: count }, (_, i) => ({ identifier: i, mask: 0x7ff, format: Base }));
const remote = (count: number): CANFilter[] => plain(count).map((filter) => ({ ...filter, remote: true }));

describe('checkFilters', () => {
  it('returns a copy of a list of filters, empty or full', () => {
    const list = Array.from({ length: 512 }, () => FilterConfiguration.promiscuous());
    expect(checkFilters(list)).to.deep.equal(list);
    expect(checkFilters(list)).to.not.equal(list);
    expect(checkFilters([])).to.deep.equal([]);
  });

  it('accepts any object with identifier and mask, and sets defaults for the rest', () => {
    const list = [
      { identifier: 1, mask: 2 },
      { identifier: 1, mask: 2, format: undefined, remote: undefined, inverted: undefined },
      { identifier: 1, mask: 2, format: Extended, remote: 'any', unit: 'engine' },
      { identifier: 1, mask: 2, inverted: true },
    ];
    const [first, second, third, fourth] = checkFilters(list);
    expect(first).to.deep.equal(new FilterConfiguration(1, 2));
    expect(second).to.deep.equal(new FilterConfiguration(1, 2));
    expect(third).to.deep.equal({
      identifier: 1,
      mask: 2,
      format: Extended,
      remote: 'any',
      inverted: false,
    });
    expect(fourth).to.deep.equal({
      identifier: 1,
      mask: 2,
      format: undefined,
      remote: false,
      inverted: true,
    });
  });

  it('copies the filters, so that later changes of the objects have no effect', () => {
    let asked = 0;
    const mine = {
      identifier: 1,
      mask: 2,
      get inverted(): unknown {
        return asked++ === 0 ? true : 'later';
      },
    };
    const configuration = new FilterConfiguration(1, 2);
    const [checked, copy] = checkFilters([mine, configuration]);
    mine.identifier = 5;
    Object.assign(configuration, { mask: 0 });
    expect(checked).to.include({ identifier: 1, inverted: true });
    expect(copy).to.include({ identifier: 1, mask: 2 });
    expect(checked).to.be.frozen;
    expect(copy).to.be.frozen;
  });

  it('refuses a value that is not an array, and names it', () => {
    for (const value of [undefined, null, {}, 'x', new Set()]) {
      expectInvalid(() => checkFilters(value), TypeError, 'array of filters');
    }
    expectInvalid(() => checkFilters('can0'), TypeError, 'found "can0"');
  });

  it('refuses an element that is not a filter, with its index and value', () => {
    const good = FilterConfiguration.promiscuous();
    for (const [value, said] of [
      ['can0', '"can0"'],
      [1, '1'],
      [null, 'null'],
      [undefined, 'undefined'],
      [() => undefined, 'a function'],
    ]) {
      const words = [`Filter 1 must be a FilterConfiguration or an object`, `found ${String(said)}`];
      expectInvalid(() => checkFilters([good, value]), TypeError, ...words);
    }
    expectInvalid(() => checkFilters([good, , good]), TypeError, 'Filter 1', 'undefined');
  });

  it('refuses invalid identifiers, masks and formats with the message of FilterConfiguration and the index', () => {
    const cases = [
      { identifier: 0x800, mask: 0, format: Base },
      { identifier: 0, mask: 0x800, format: Base },
      { identifier: 0x20000000, mask: 0 },
      { identifier: 0, mask: 0x40000000, format: Extended },
      { identifier: -1, mask: 0 },
      { identifier: 0, mask: 0.5 },
      { identifier: '1', mask: 0 },
      { identifier: 0 },
      { identifier: 0, mask: 0, format: 5 },
      { identifier: 0, mask: 0, format: null },
    ];
    for (const { identifier, mask, format } of cases as CANFilter[]) {
      const said = thrown(() => new FilterConfiguration(identifier, mask, format));
      const error = thrown(() => checkFilters([{ identifier, mask, format }]));
      expect(error.message).to.equal(`Filter 0: ${said.message}`);
      expect(error).to.have.property('name', said.name);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FILTER');
    }
  });

  it('refuses invalid values of remote and inverted, with the index, the value and the valid ones', () => {
    const [identifier, mask] = [0, 0];
    const list = (filter: object): unknown[] => [
      { identifier, mask },
      { identifier, mask, ...filter },
    ];
    const right = "Filter 1: remote must be true, false or 'any'; found ";
    expectInvalid(() => checkFilters(list({ remote: 'both' })), RangeError, `${right}"both"`);
    expectInvalid(() => checkFilters(list({ remote: 1 })), TypeError, `${right}1`);
    expectInvalid(() => checkFilters(list({ remote: null })), TypeError, `${right}null`);
    for (const [inverted, said] of [
      [1, '1'],
      ['any', '"any"'],
      [null, 'null'],
    ]) {
      const words = `Filter 1: inverted must be true or false; found ${String(said)}`;
      expectInvalid(() => checkFilters(list({ inverted })), TypeError, words);
    }
  });

  it('refuses more than 512 filters, as the kernel does, and suggests optimizeFilters', () => {
    const words = ['at most 512', 'found 513', 'the option optimizeFilters', 'optimizeFilterConfigurations'];
    expectInvalid(() => checkFilters(plain(513)), RangeError, ...words);
  });

  it('refuses more than 512 joined filters, which cannot be merged', () => {
    for (const optimizeFilters of [false, true]) {
      const error = thrown(() => checkFilters(plain(513), { joinFilters: true, optimizeFilters }));
      expect(error).to.be.instanceOf(RangeError);
      expect(error.message).to.match(/found 513\. Joined filters cannot be merged\.$/);
    }
  });

  it('merges nothing when there are at most 512 filters', () => {
    expect(checkFilters(plain(512), MERGE)).to.deep.equal(checkFilters(plain(512)));
  });

  it('merges filters for data frames until all fit, and keeps the other filters', () => {
    const others: CANFilter[] = [
      ...remote(100),
      { identifier: 7, mask: 0, remote: 'any' },
      { identifier: 7, mask: 0x7ff, inverted: true },
    ];
    const merged = checkFilters([...others, ...plain(600)], MERGE);
    expect(merged).to.have.lengthOf(512);
    const kept = merged.filter((filter) => !(filter instanceof FilterConfiguration));
    expect(kept).to.deep.equal(checkFilters(others));
    const ours = merged.filter((filter) => filter instanceof FilterConfiguration);
    for (const filter of plain(600)) {
      const frame = { identifier: filter.identifier, format: Base };
      expect(
        ours.some((each) => each.accepts(frame)),
        String(filter.identifier),
      ).to.equal(true);
    }
    expect(ours.some((each) => each.accepts({ identifier: 0x700, format: Base }))).to.equal(false);
  });

  it('merges to a single filter when there is room for one', () => {
    const merged = checkFilters([...remote(511), ...plain(2)], MERGE);
    expect(merged).to.have.lengthOf(512);
    expect(merged[0]).to.deep.equal(new FilterConfiguration(0, 0x7fe, Base));
  });

  it('refuses more filters than it can merge', () => {
    const words = ['found 514', 'optimizeFilters cannot merge 512 of them'];
    expectInvalid(() => checkFilters([...remote(512), ...plain(2)], MERGE), RangeError, ...words);
    expectInvalid(() => checkFilters(remote(600), MERGE), RangeError, 'cannot merge 600 of them');
  });
});
