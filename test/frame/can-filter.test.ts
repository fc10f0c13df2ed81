import { expect } from 'chai';
import * as fc from 'fast-check';
import { passesKernelFilter, toKernelFilter, type CANFilter } from '../../src/frame/can-filter';
import { encodeFrame, rawIdentifier } from '../../src/frame/codec';
import { FilterConfiguration } from '../../src/frame/filter-configuration';
import type { Frame } from '../../src/frame/frame';
import { FRAME_FLAGS, ID, RAW_FILTER_VARIANTS } from '../support/kernel/raw-filter-variants';
import { kernelReceives } from '../support/kernel/receive-lists';
import { Base, Extended, dataFrame, filter as anyFilter, memory, remoteFrame } from './support';

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** Applies the rule of the kernel (net/can/af_can.c) to the encoded frame. */
function kernelAccepts(configuration: FilterConfiguration, frame: Frame): boolean {
  const image = memory();
  encodeFrame(frame, image, 0);
  const { can_id, can_mask } = toKernelFilter(configuration);
  return (rawIdentifier(image, 0) & can_mask) >>> 0 === (can_id & can_mask) >>> 0;
}

/** Formats struct can_filter as two words in hex. */
function words(filter: CANFilter): string {
  const { can_id, can_mask } = toKernelFilter(filter);
  return `${hex(can_id)} ${hex(can_mask)}`;
}

describe('toKernelFilter for all kinds of frames', () => {
  const base = { identifier: 0x123, mask: 0x7ff, format: Base };
  const extended = { identifier: 0x123, mask: 0x1fffffff, format: Extended };
  const both = { identifier: 0x123, mask: 0x7ff };
  const vectors: [CANFilter, string][] = [
    [base, '00000123 c00007ff'],
    [{ ...base, remote: false, inverted: false }, '00000123 c00007ff'],
    [{ ...base, remote: true }, '40000123 c00007ff'],
    [{ ...base, remote: 'any' }, '00000123 800007ff'],
    [{ ...base, inverted: true }, '20000123 c00007ff'],
    [{ ...base, remote: true, inverted: true }, '60000123 c00007ff'],
    [{ ...base, remote: 'any', inverted: true }, '20000123 800007ff'],
    [extended, '80000123 dfffffff'],
    [{ ...extended, remote: true }, 'c0000123 dfffffff'],
    [{ ...extended, remote: 'any' }, '80000123 9fffffff'],
    [{ ...extended, remote: true, inverted: true }, 'e0000123 dfffffff'],
    [both, '00000123 400007ff'],
    [{ ...both, format: undefined, remote: true }, '40000123 400007ff'],
    [{ ...both, remote: 'any' }, '00000123 000007ff'],
    [{ ...both, remote: 'any', inverted: true }, '20000123 000007ff'],
    [{ identifier: 0, mask: 0, remote: 'any' }, '00000000 00000000'],
  ];
  for (const [filter, expected] of vectors) {
    it(`converts ${JSON.stringify(filter)} to ${expected}`, () => {
      expect(words(filter)).to.equal(expected);
    });
  }

  it('produces the variants of the kernel’s test_raw_filter that filters can express', () => {
    const expressible = RAW_FILTER_VARIANTS.filter(({ filter }) => filter !== undefined);
    expect(expressible).to.have.lengthOf(10);
    for (const { name, id, mask, filter } of expressible) {
      expect(words(filter as CANFilter), name).to.equal(`${hex(id)} ${hex(mask)}`);
    }
  });
});

describe('toKernelFilter of a FilterConfiguration', () => {
  it('adds RTR to every mask, and EFF if there is a format', () => {
    expect(toKernelFilter(new FilterConfiguration(0x123, 0x7ff, Base))).to.deep.equal({
      can_id: 0x00000123,
      can_mask: 0xc00007ff,
    });
    expect(toKernelFilter(new FilterConfiguration(0x123, 0x1fffffff, Extended))).to.deep.equal({
      can_id: 0x80000123,
      can_mask: 0xdfffffff,
    });
    expect(toKernelFilter(new FilterConfiguration(0x123, 0x7ff))).to.deep.equal({
      can_id: 0x00000123,
      can_mask: 0x400007ff,
    });
  });

  it('makes the kernel accept the same data frames as accepts()', () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyFilter, dataFrame, (configuration, frame) => {
        const accepts = configuration.accepts(frame);
        if (accepts) accepted++;
        expect(kernelAccepts(configuration, frame)).to.equal(accepts);
      }),
      { numRuns: 5000 },
    );
    expect(accepted).to.be.greaterThan(500);
  });

  it('makes the kernel reject every remote frame', () => {
    fc.assert(
      fc.property(anyFilter, remoteFrame, (configuration, frame) => {
        expect(kernelAccepts(configuration, frame)).to.equal(false);
      }),
    );
  });
});

describe('passesKernelFilter', () => {
  it('passes the same frames as all variants of the kernel’s test_raw_filter', () => {
    expect(RAW_FILTER_VARIANTS).to.have.lengthOf(18);
    for (const { name, id, mask, passing } of RAW_FILTER_VARIANTS) {
      const passed = FRAME_FLAGS.filter((flags) => passesKernelFilter(ID + flags, id, mask));
      expect(passed, name).to.deep.equal(passing);
    }
  });

  it('passes remote and extended frames through an inverted filter for base data frames', () => {
    const { can_id, can_mask } = toKernelFilter({
      identifier: ID,
      mask: 0x7ff,
      format: Base,
      inverted: true,
    });
    const passed = FRAME_FLAGS.filter((flags) => passesKernelFilter(ID + flags, can_id, can_mask));
    expect(passed).to.deep.equal([0x40000000, 0x80000000, 0xc0000000]);
    expect(passesKernelFilter(ID + 1, can_id, can_mask)).to.equal(true);
  });

  it('passes no error frame through an inverted filter', () => {
    expect(passesKernelFilter(0x20000040, 0x20000123, 0xc00007ff)).to.equal(false);
  });

  it('passes the same frames as the receive lists of af_can.c for any two words', () => {
    const word = fc.oneof(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc
        .tuple(fc.constantFrom(0, 1, ID, 0x7ff, 0x1fffffff), fc.nat(7))
        .map(([bits, flags]) => bits + flags * 0x20000000),
    );
    let passed = 0;
    fc.assert(
      fc.property(word, word, word, (canId, id, mask) => {
        const passes = passesKernelFilter(canId, id, mask);
        if (passes) passed++;
        expect(passes).to.equal(kernelReceives([[id, mask]], canId, 0, false));
      }),
      { numRuns: 5000 },
    );
    expect(passed).to.be.within(500, 4500);
  });
});
