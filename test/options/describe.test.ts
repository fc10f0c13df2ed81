import { expect } from 'chai';
import * as fc from 'fast-check';
import { describe as describeValue } from '../../src/options/describe';

describe('describe', () => {
  function expectTexts(...cases: readonly (readonly [value: unknown, text: string])[]): void {
    for (const [value, text] of cases) expect(describeValue(value)).to.equal(text);
  }

  it('quotes a string as JSON does', () => {
    expectTexts(['can0', '"can0"'], ['', '""'], ['a\n"b"', String.raw`"a\n\"b\""`]);
  });

  it('adds hex to integers above 9', () => {
    expectTexts([9, '9'], [10, '10 (0xA)'], [0x1fffffff, '536870911 (0x1FFFFFFF)'], [-10, '-10'], [10.5, '10.5']);
  });

  it('distinguishes -0, NaN, infinite and very large numbers', () => {
    expectTexts([0, '0'], [-0, '-0'], [NaN, 'NaN'], [Infinity, 'Infinity'], [1e300, '1e+300']);
  });

  it('returns the text of a bigint, a boolean, undefined and null', () => {
    expectTexts([-5n, '-5n'], [true, 'true'], [undefined, 'undefined'], [null, 'null']);
  });

  it('names the type of an object, with its article', () => {
    expectTexts(
      [{ id: 1 }, 'an object'],
      [Object.create(null), 'an object'],
      [[1, 2], 'an array'],
      [new Uint16Array(2), 'a Uint16Array'],
      [new ArrayBuffer(2), 'an ArrayBuffer'],
      [new Date(0), 'a Date'],
      [new AbortController().signal, 'an AbortSignal'],
    );
  });

  it('calls an object without a usable type name an object', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    expectTexts([{ [Symbol.toStringTag]: 'two\nlines' }, 'an object'], [revoked.proxy, 'an object']);
  });

  it('returns the type of functions and symbols', () => {
    expectTexts([() => 1, 'a function'], [Symbol('x'), 'a symbol']);
  });

  it('quotes at most 80 characters of a string, and adds its length', () => {
    expect(describeValue('x'.repeat(80))).to.equal(`"${'x'.repeat(80)}"`);
    expect(describeValue('x'.repeat(100_000))).to.equal(`"${'x'.repeat(80)}"... (100000 characters)`);
  });

  it('quotes at most 80 digits of a bigint, and adds their number', () => {
    expect(describeValue(10n ** 99n)).to.equal(`1${'0'.repeat(79)}... (100 digits)`);
  });

  it('returns one short line for any value', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withTypedArray: true }), (value) => {
        expect(describeValue(value))
          .to.match(/^[^\n\r]+$/)
          .and.to.have.length.below(600);
      }),
      { numRuns: 1000 },
    );
  });

  it('returns a string that JSON.parse reads back for strings of up to 80 characters', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80, unit: 'binary' }), (text) => {
        fc.pre(text.length <= 80);
        expect(JSON.parse(describeValue(text))).to.equal(text);
      }),
    );
  });
});
