import { expect } from 'chai';
import * as fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import {
  checkBigint,
  checkBits,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkIterable,
  checkObject,
  checkSignal,
  checkString,
  checkUint8Array,
} from '../../src/options/check';
import { describe as describeValue } from '../../src/options/describe';
import { INVALID_FRAME, type Invalid } from '../../src/options/invalid';
import { thrown } from '../support/asserts/thrown';

type Check = (what: string, value: unknown, invalid?: Invalid) => unknown;

const anything = fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withSparseArray: true });

/** A check, the rule in its messages, and values that it accepts. */
const CHECKS: readonly (readonly [name: string, check: Check, rule: string, valid: readonly unknown[]])[] = [
  ['checkBoolean', checkBoolean, 'true or false', [true, false]],
  ['checkBigint', checkBigint, 'a bigint', [0n, -1n, 2n ** 64n]],
  ['checkString', checkString, 'a string', ['', 'can0']],
  ['checkFunction', checkFunction, 'a function', [() => 1, Date]],
  ['checkObject', checkObject, 'an object', [{}, [], new Map()]],
  ['checkIterable', checkIterable, 'iterable', [[], new Set(), new Uint8Array(1)]],
  ['checkSignal', checkSignal, 'an AbortSignal', [undefined, AbortSignal.abort()]],
  ['checkUint8Array', checkUint8Array, 'a Uint8Array', [new Uint8Array(2), Buffer.alloc(2)]],
];

for (const [name, check, rule, valid] of CHECKS) {
  describe(name, () => {
    it('returns valid values', () => {
      for (const value of valid) expect(check('The value', value)).to.equal(value);
    });

    it(`throws a TypeError for every value that is not ${rule}`, () => {
      const kinds = valid.map((value) => typeof value);
      let errors = 0;
      fc.assert(
        fc.property(anything, (value) => {
          fc.pre(value === null || !kinds.includes(typeof value));
          const error = thrown(() => check('The option x', value));
          expect(error).to.be.instanceOf(TypeError);
          expect(error).to.include({
            message: `The option x must be ${rule}; found ${describeValue(value)}`,
            code: 'ERR_SOCKETCAN_INVALID_OPTION',
          });
          errors++;
        }),
      );
      expect(errors).to.be.above(20);
    });

    it('throws an error with the given code', () => {
      const error = thrown(() => check('The value', Symbol('x'), INVALID_FRAME));
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FRAME');
    });
  });
}

describe('checkInteger', () => {
  const limits = fc.tuple(fc.maxSafeInteger(), fc.maxSafeInteger()).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);

  it('returns an integer within the limits and throws a RangeError for every other number', () => {
    const number = fc.oneof(fc.maxSafeInteger(), fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 2 ** 53));
    fc.assert(
      fc.property(limits, number, ([least = 0, most = 0], value) => {
        const check = (): number => checkInteger('The number', value, least, most);
        if (Number.isInteger(value) && value >= least && value <= most) expect(check()).to.equal(value);
        else expect(thrown(check)).to.be.instanceOf(RangeError);
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts both limits', () => {
    fc.assert(
      fc.property(limits, ([least = 0, most = 0]) => {
        expect(checkInteger('The number', least, least, most)).to.equal(least);
        expect(checkInteger('The number', most, least, most)).to.equal(most);
      }),
    );
  });

  it('throws a TypeError for every value that is not a number', () => {
    fc.assert(
      fc.property(anything, (value) => {
        fc.pre(typeof value !== 'number');
        expect(thrown(() => checkInteger('The number', value, 0, 9))).to.be.instanceOf(TypeError);
      }),
    );
  });

  it('names the limits in decimal, and the value', () => {
    const error = thrown(() => checkInteger('The option coalesceMs', -1, 0, 100));
    expect(error).to.include({
      message: 'The option coalesceMs must be an integer from 0 to 100; found -1',
      code: 'ERR_SOCKETCAN_INVALID_OPTION',
    });
  });
});

describe('checkBits', () => {
  it('accepts 0 and the limit', () => {
    for (const value of [0, 0x7ff]) expect(checkBits('The identifier', value, 0x7ff)).to.equal(value);
  });

  it('throws a RangeError for every other number, and a TypeError for another type', () => {
    for (const value of [-1, 0x800, 0.5, NaN, Infinity]) {
      expect(thrown(() => checkBits('The identifier', value, 0x7ff))).to.be.instanceOf(RangeError);
    }
    for (const value of ['1', 1n, null, undefined]) {
      expect(thrown(() => checkBits('The identifier', value, 0x7ff))).to.be.instanceOf(TypeError);
    }
  });

  it('names the limit and the value in hex too', () => {
    const error = thrown(() => checkBits('The identifier', 0x800, 0x7ff, INVALID_FRAME));
    expect(error).to.include({
      message: 'The identifier must be an integer from 0 to 2047 (0x7FF); found 2048 (0x800)',
      code: 'ERR_SOCKETCAN_INVALID_FRAME',
    });
  });
});

describe('checkChoice', () => {
  const choices = ['fifo', 'priority'] as const;

  it('returns a choice', () => {
    for (const choice of choices) expect(checkChoice('The option order', choice, choices)).to.equal(choice);
  });

  it('throws a RangeError with all choices for another string, and a TypeError for another type', () => {
    const error = thrown(() => checkChoice('The option order', 'lifo', choices));
    expect(error).to.be.instanceOf(RangeError);
    expect(error.message).to.equal(`The option order must be 'fifo' or 'priority'; found "lifo"`);
    expect(thrown(() => checkChoice('The option order', 1, choices))).to.be.instanceOf(TypeError);
  });

  it('lists three choices or more as "one of"', () => {
    const error = thrown(() => checkChoice('The name', 'x', ['drop', 'delay', 'reorder']));
    expect(error.message).to.equal(`The name must be one of 'drop', 'delay', 'reorder'; found "x"`);
  });
});

describe('checkObject and checkIterable', () => {
  it('use the given rule in the message', () => {
    const object = thrown(() => checkObject('The flags', 1, INVALID_FRAME, 'an object like { brs: true }'));
    expect(object.message).to.equal('The flags must be an object like { brs: true }; found 1');
    const iterable = thrown(() => checkIterable('The frames', {}, INVALID_FRAME, 'a frame or an iterable of frames'));
    expect(iterable.message).to.equal('The frames must be a frame or an iterable of frames; found an object');
  });
});

describe('checkUint8Array with typed arrays', () => {
  it('accepts an array of another realm', () => {
    const array: unknown = runInNewContext('new Uint8Array(3)');
    expect(checkUint8Array('The data', array)).to.equal(array);
  });

  it('rejects every other typed array', () => {
    for (const array of [
      new Uint8ClampedArray(1),
      new Int8Array(1),
      new Uint16Array(1),
      new DataView(new ArrayBuffer(1)),
    ]) {
      expect(thrown(() => checkUint8Array('The data', array))).to.be.instanceOf(TypeError);
    }
  });
});
