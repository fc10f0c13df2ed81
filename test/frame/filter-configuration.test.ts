import { expect } from 'chai';
import * as fc from 'fast-check';
import { FilterConfiguration } from '../../src/frame/filter-configuration';
import { RemoteFrame } from '../../src/frame/remote-frame';
import { Base, Extended, classicFrame, dataFrame, expectError, filter } from './support';

const CODE = 'ERR_SOCKETCAN_INVALID_FILTER';

describe('FilterConfiguration', () => {
  it('computes the same rank as pycyphal', () => {
    expect(new FilterConfiguration(123456, 0).rank).to.equal(-29);
    expect(new FilterConfiguration(123456, 0b110).rank).to.equal(-27);
    expect(new FilterConfiguration(1234, 0b110, Base).rank).to.equal(2);
    expect(new FilterConfiguration(0, 0x1fffffff, Extended).rank).to.equal(29);
    expect(new FilterConfiguration(0, 0x1fffffff).rank).to.equal(0);
  });

  it('merges in the same way as pycyphal', () => {
    const merged = new FilterConfiguration(0b111, 0b111, Extended).merge(new FilterConfiguration(0b111, 0b111, Base));
    expect(merged).to.deep.equal(new FilterConfiguration(0b111, 0b111));
    expect(merged.rank).to.equal(-26);
    expect(
      new FilterConfiguration(0b1010, 0b1111, Base).merge(new FilterConfiguration(0b0110, 0b0111, Base)),
    ).to.deep.equal(new FilterConfiguration(0b0010, 0b0011, Base));
    expect(new FilterConfiguration(1, 1).merge(new FilterConfiguration(1, 1, Base)).format).to.equal(undefined);
  });

  it('converts to the text of pycyphal', () => {
    expect(new FilterConfiguration(0b10101010, 0b11101000, Extended).toString()).to.equal(
      'ext:xxxxxxxxxxxxxxxxxxxxx101x1xxx',
    );
    expect(new FilterConfiguration(0b10101010101, 0b11111111111, Base).toString()).to.equal('bas:10101010101');
    expect(new FilterConfiguration(123, 0).toString()).to.equal('any:' + 'x'.repeat(29));
  });

  it('accepts everything of its format if promiscuous', () => {
    expect(FilterConfiguration.promiscuous()).to.deep.equal(new FilterConfiguration(0, 0));
    expect(FilterConfiguration.promiscuous(Base)).to.deep.equal(new FilterConfiguration(0, 0, Base));
    fc.assert(
      fc.property(dataFrame, (frame) => {
        expect(FilterConfiguration.promiscuous().accepts(frame)).to.equal(true);
        expect(FilterConfiguration.promiscuous(Base).accepts(frame)).to.equal(frame.format === Base);
      }),
    );
  });

  it('compares the bits of the mask, and the format', () => {
    const base = new FilterConfiguration(0x123, 0x7f0, Base);
    const frame = (format: 11 | 29, identifier: number) => ({ format, identifier });
    expect(base.accepts(frame(Base, 0x12f))).to.equal(true);
    expect(base.accepts(frame(Base, 0x133))).to.equal(false);
    expect(base.accepts(frame(Extended, 0x123))).to.equal(false);
    const any = new FilterConfiguration(0x123, 0x7ff);
    expect(any.accepts(frame(Base, 0x123))).to.equal(true);
    expect(any.accepts(frame(Extended, 0xabc123))).to.equal(true);
    expect(any.accepts(frame(Extended, 0xabc124))).to.equal(false);
    const high = new FilterConfiguration(0x10000000, 0x10000000);
    expect(high.accepts(frame(Extended, 0x1fffffff))).to.equal(true);
    expect(high.accepts(frame(Base, 0x7ff))).to.equal(false);
  });

  it('accepts a remote frame by its identifier', () => {
    const base = new FilterConfiguration(0x123, 0x7ff, Base);
    expect(base.accepts(new RemoteFrame(Base, 0x123))).to.equal(true);
    expect(base.accepts(new RemoteFrame(Base, 0x124))).to.equal(false);
  });

  it('accepts, merged with another filter, all frames that either accepts', () => {
    fc.assert(
      fc.property(filter, filter, classicFrame, (a, b, frame) => {
        if (a.accepts(frame) || b.accepts(frame)) {
          expect(a.merge(b).accepts(frame)).to.equal(true);
        }
        expect(a.merge(b)).to.deep.equal(b.merge(a));
        expect(a.merge(b).rank).to.be.at.most(Math.min(a.rank, b.rank));
      }),
      { numRuns: 2000 },
    );
  });

  it('rejects identifiers and masks beyond the format', () => {
    for (const [bits, most] of [
      [Base, 0x7ff],
      [Extended, 0x1fffffff],
      [undefined, 0x1fffffff],
    ] as const) {
      expect(new FilterConfiguration(most, most, bits).mask).to.equal(most);
      expectError(() => new FilterConfiguration(most + 1, 0, bits), 'RangeError', CODE, 'identifier');
      expectError(() => new FilterConfiguration(0, most + 1, bits), 'RangeError', CODE, 'mask');
      expectError(() => new FilterConfiguration(-1, 0, bits), 'RangeError', CODE, '-1');
      expectError(() => new FilterConfiguration(0, -1, bits), 'RangeError', CODE, '-1');
      expectError(() => new FilterConfiguration(0, NaN, bits), 'RangeError', CODE, 'NaN');
      expectError(() => new FilterConfiguration(0.5, 0, bits), 'RangeError', CODE, '0.5');
      expectError(() => new FilterConfiguration('1' as never, 0, bits), 'TypeError', CODE, '"1"');
    }
    expectError(() => new FilterConfiguration(0, 0, 5 as never), 'RangeError', CODE, 'format', '5');
    expectError(() => new FilterConfiguration(0, 0, null as never), 'TypeError', CODE, 'null');
  });

  it('rejects a merge with a value that is not a filter', () => {
    const one = new FilterConfiguration(0, 0);
    expectError(() => one.merge({ mask: 0, identifier: 0 } as never), 'TypeError', CODE, 'filter');
  });
});
