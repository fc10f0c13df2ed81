import { expect } from 'chai';
import * as fc from 'fast-check';
import { accepts, filterWords, sendErrno, type ReceiveSettings } from '../../src/virtual/kernel-rules';
import { EINVAL } from '../../src/libc/errno';
import { FRAME_FLAGS, ID, RAW_FILTER_VARIANTS } from '../support/kernel/raw-filter-variants';
import { kernelReceives, type Pair } from '../support/kernel/receive-lists';

const EFF = 0x80000000;
const RTR = 0x40000000;
const ERR = 0x20000000;
const INV = 0x20000000;
const SFF_MASK = 0x7ff;
const EFF_MASK = 0x1fffffff;

const everything: ReceiveSettings = {
  canFD: true,
  joinFilters: false,
  filters: undefined,
  errorMask: 0,
  receiveOwn: false,
};

function socket(pairs: readonly Pair[], rest: Partial<ReceiveSettings> = {}): ReceiveSettings {
  return { ...everything, filters: Uint32Array.from(pairs.flat()), ...rest };
}

describe('accepts', () => {
  it('agrees with all variants of the kernel’s test_raw_filter', () => {
    for (const { name, id, mask, passing } of RAW_FILTER_VARIANTS) {
      const filtered = socket([[id, mask]]);
      const passed = FRAME_FLAGS.filter((flags) => accepts(filtered, ID + flags, 16, false));
      expect(passed, name).to.deep.equal(passing);
    }
  });

  it('compares only the bits of base identifiers if the mask has EFF and the filter does not', () => {
    const filtered = socket([[0x1000 + ID, EFF_MASK + EFF]]);
    expect(accepts(filtered, ID, 16, false)).to.equal(true);
    expect(accepts(filtered, 0x800 + ID, 16, false)).to.equal(true);
    expect(accepts(filtered, EFF + 0x1000 + ID, 16, false)).to.equal(false);
  });

  it('rejects data frames and accepts error frames when the list is empty', () => {
    const deaf = socket([], { errorMask: 4 });
    expect(accepts(deaf, ID, 16, false)).to.equal(false);
    expect(accepts(deaf, ERR + 4, 16, false)).to.equal(true);
  });

  it('accepts error frames by their classes, with or without filters', () => {
    for (const filters of [undefined, Uint32Array.of(0, 0), Uint32Array.of(ID, SFF_MASK)]) {
      const filtered = { ...everything, filters, errorMask: 0x44 };
      expect(accepts(filtered, ERR + 0x40, 16, false)).to.equal(true);
      expect(accepts(filtered, ERR + 0x04 + 0x100, 16, false)).to.equal(true);
      expect(accepts(filtered, ERR + 0x100, 16, false)).to.equal(false);
      expect(accepts(filtered, ERR, 16, false)).to.equal(false);
    }
  });

  it('accepts CAN FD frames only on CAN FD sockets, and classic frames on both kinds', () => {
    expect(accepts(everything, ID, 72, false)).to.equal(true);
    expect(accepts({ ...everything, canFD: false }, ID, 72, false)).to.equal(false);
    expect(accepts({ ...everything, canFD: false }, ID, 16, false)).to.equal(true);
  });

  it('accepts own frames on request, through the filters', () => {
    expect(accepts(everything, ID, 16, true)).to.equal(false);
    expect(accepts({ ...everything, receiveOwn: true }, ID, 16, true)).to.equal(true);
    expect(accepts(socket([[7, SFF_MASK]], { receiveOwn: true }), ID, 16, true)).to.equal(false);
  });

  it('agrees with the lists of af_can.c for any filters, joined or not', () => {
    const flagged = (bits: fc.Arbitrary<number>, ...flags: number[]): fc.Arbitrary<number> =>
      fc.tuple(bits, fc.subarray(flags)).map(([value, set]) => set.reduce((sum, flag) => sum + flag, value));
    const id = flagged(fc.oneof(fc.constantFrom(0, ID, 0x923, SFF_MASK), fc.nat(EFF_MASK)), EFF, RTR, INV);
    const mask = flagged(fc.oneof(fc.constantFrom(0, 1, 0x700, SFF_MASK, EFF_MASK), fc.nat(EFF_MASK)), EFF, RTR);
    const pair = fc.tuple(
      id,
      fc.oneof({ weight: 5, arbitrary: mask }, { weight: 1, arbitrary: mask.map((m) => m + ERR) }),
    );
    const filters = fc.option(fc.array(pair, { maxLength: 4 }), { nil: undefined });
    const errorMask = fc.constantFrom(0, 4, 0x123, EFF_MASK);
    let passed = 0;
    fc.assert(
      fc.property(filters, id, errorMask, fc.boolean(), (pairs, canId, errors, joinFilters) => {
        const options = { errorMask: errors, joinFilters };
        const filtered = pairs === undefined ? { ...everything, ...options } : socket(pairs, options);
        const expected = kernelReceives(pairs, canId, errors, joinFilters);
        expect(accepts(filtered, canId, 16, false)).to.equal(expected);
        if (expected) passed++;
      }),
      { numRuns: 5000 },
    );
    expect(passed).to.be.within(500, 4500);
  });
});

describe('filterWords', () => {
  it('copies pairs that start at any offset of a buffer', () => {
    const memory = new Uint8Array(17);
    memory.set(new Uint8Array(Uint32Array.of(ID + EFF, EFF_MASK + EFF).buffer), 1);
    const words = filterWords(memory.subarray(1, 9));
    memory.fill(0);
    expect([...words]).to.deep.equal([ID + EFF, EFF_MASK + EFF]);
    expect(filterWords(new Uint8Array(0))).to.have.lengthOf(0);
  });
});

describe('sendErrno', () => {
  it('accepts classic frames of 0 to 8 bytes from any socket', () => {
    for (let length = 0; length < 256; length++) {
      const expected = length <= 8 ? 0 : -EINVAL;
      expect(sendErrno(16, length, false, 16), `length ${length}`).to.equal(expected);
      expect(sendErrno(16, length, true, 72), `length ${length}`).to.equal(expected);
    }
  });

  it('accepts CAN FD frames of 0 to 64 bytes, including lengths that CAN FD lacks', () => {
    for (let length = 0; length < 256; length++) {
      const expected = length <= 64 ? 0 : -EINVAL;
      expect(sendErrno(72, length, true, 72), `length ${length}`).to.equal(expected);
    }
  });

  it('refuses CAN FD frames of a socket without CAN FD, and on an interface without it', () => {
    expect(sendErrno(72, 1, false, 72)).to.equal(-EINVAL);
    expect(sendErrno(72, 1, true, 16)).to.equal(-EINVAL);
  });

  it('accepts only 16 and 72 bytes', () => {
    const taken = Array.from({ length: 81 }, (_, size) => size).filter((size) => sendErrno(size, 0, true, 72) === 0);
    expect(taken).to.deep.equal([16, 72]);
  });
});
