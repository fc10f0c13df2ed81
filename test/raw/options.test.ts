import { expect } from 'chai';
import { FilterConfiguration } from '../../src/frame/filter-configuration';
import { describe as describeValue } from '../../src/options/describe';
import { checkErrorMask, checkOptions } from '../../src/raw/options';
import { thrown, wrong } from '../support/asserts/thrown';

function expectInvalid(call: () => unknown, type: typeof TypeError | typeof RangeError, word: string) {
  const error = thrown(call);
  expect(error, word).to.be.instanceOf(type);
  expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
  expect(error.message).to.contain(word);
}

describe('checkOptions', () => {
  it('has the documented defaults', () => {
    expect(checkOptions({})).to.deep.equal({
      canFD: true,
      loopback: true,
      joinFilters: false,
      optimizeFilters: false,
      receiveOwn: false,
      filters: undefined,
      errorMask: 0,
      timestamps: 'software',
      sendOrder: 'fifo',
      poller: 'thread',
      coalesceMs: 0,
      sendBufferSize: undefined,
      reopen: true,
      signal: undefined,
      receiveBufferSize: 2 * 1024 * 1024,
    });
  });

  it('returns all given options', () => {
    const filters = [FilterConfiguration.promiscuous()];
    const given = {
      fd: false,
      loopback: false,
      joinFilters: true,
      optimizeFilters: false,
      receiveOwn: true,
      filters,
      errorMask: 0x1ff,
      timestamps: 'hardware',
      sendOrder: 'priority',
      poller: 'loop',
      coalesceMs: 3,
      sendBufferSize: 'queue',
      reopen: false,
      signal: new AbortController().signal,
      receiveBufferSize: 1,
    } as const;
    const { fd: canFD, ...others } = given;
    expect(checkOptions(given)).to.deep.equal({ ...others, canFD });
    expect(checkOptions({ filters }).filters, 'a copy').to.not.equal(filters);
  });

  it('accepts names of error classes', () => {
    expect(checkOptions({ errorMask: ['bus-off', 'controller'] }).errorMask).to.equal(0x44);
  });

  it('refuses flags that are not booleans, and names them', () => {
    for (const name of ['fd', 'loopback', 'joinFilters', 'optimizeFilters', 'receiveOwn']) {
      for (const value of [1, 'true', null, {}]) {
        expectInvalid(() => checkOptions({ [name]: value }), TypeError, name);
      }
    }
  });

  it('refuses sizes and masks out of range, with name and value', () => {
    for (const value of [0, -1, 1.5, NaN, 2 ** 30 + 1]) {
      expectInvalid(() => checkOptions({ receiveBufferSize: value }), RangeError, `found ${describeValue(value)}`);
      expectInvalid(() => checkOptions({ sendBufferSize: value }), RangeError, `found ${describeValue(value)}`);
    }
    for (const value of [-1, 0x2000_0000, 0.5, NaN]) {
      expectInvalid(() => checkOptions({ errorMask: value }), RangeError, 'errorMask');
    }
    expectInvalid(() => checkOptions({ receiveBufferSize: wrong('1') }), TypeError, 'found "1"');
  });

  it('refuses invalid values of sendOrder and sendBufferSize', () => {
    expect(checkOptions({ sendBufferSize: 5000 }).sendBufferSize).to.equal(5000);
    const order = "sendOrder must be 'fifo' or 'priority'";
    expectInvalid(() => checkOptions({ sendOrder: wrong('lifo') }), RangeError, order);
    for (const value of [1, true, {}]) {
      expectInvalid(() => checkOptions({ sendOrder: wrong(value) }), TypeError, order);
    }
    for (const value of ['1000', 'Queue', null, true]) {
      expectInvalid(() => checkOptions({ sendBufferSize: wrong(value) }), TypeError, 'sendBufferSize');
    }
  });

  it('refuses invalid pollers, and values of coalesceMs out of range', () => {
    const poller = "poller must be 'thread' or 'loop'";
    expectInvalid(() => checkOptions({ poller: wrong('Loop') }), RangeError, poller);
    for (const value of [0, true, {}]) {
      expectInvalid(() => checkOptions({ poller: wrong(value) }), TypeError, poller);
    }
    for (const value of [-1, 0.5, 101, NaN]) {
      expectInvalid(() => checkOptions({ coalesceMs: value }), RangeError, `found ${describeValue(value)}`);
    }
    expectInvalid(() => checkOptions({ coalesceMs: wrong('1') }), TypeError, 'coalesceMs');
  });

  it("accepts 'software' and 'hardware' timestamps only", () => {
    expect(checkOptions({}).timestamps).to.equal('software');
    expect(checkOptions({ timestamps: 'hardware' }).timestamps).to.equal('hardware');
    for (const [value, type, found] of [
      ['Hardware', RangeError, '"Hardware"'],
      ['', RangeError, '""'],
      [true, TypeError, 'true'],
      [1, TypeError, '1'],
    ] as const) {
      const error = thrown(() => checkOptions({ timestamps: wrong(value) }));
      expect(error).to.be.instanceOf(type);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
      expect(error.message).to.equal(`The option timestamps must be 'software' or 'hardware'; found ${found}`);
    }
  });

  it('merges filters with optimizeFilters, but never joined ones', () => {
    const filters = Array.from({ length: 600 }, (_, i) => new FilterConfiguration(i, 0x7ff, 11));
    expect(checkOptions({ filters, optimizeFilters: true }).filters).to.have.lengthOf(512);
    const error = thrown(() => checkOptions({ filters }));
    expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FILTER');
    expectInvalid(
      () => checkOptions({ joinFilters: true, optimizeFilters: true }),
      TypeError,
      'The options joinFilters and optimizeFilters exclude each other',
    );
  });

  it('refuses invalid filters', () => {
    const error = thrown(() => checkOptions({ filters: wrong([{}]) }));
    expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FILTER');
  });

  it('refuses options that are not an object', () => {
    for (const value of ['vcan0', 5, true, null, () => undefined]) {
      expectInvalid(() => checkOptions(wrong(value)), TypeError, 'options must be an object');
    }
  });
});

describe('checkErrorMask', () => {
  const check = (value: unknown): number => checkErrorMask('The error mask', value);

  it('returns a number unchanged, up to the last class bit', () => {
    expect([0, 0x1fff_ffff].map(check)).to.deep.equal([0, 0x1fff_ffff]);
  });

  it('returns the bits of all names, and 0 for an empty list', () => {
    expect(check([])).to.equal(0);
    expect(check(['tx-timeout', 'bus-off'])).to.equal(0x41);
  });

  it('refuses unknown names', () => {
    expectInvalid(() => check(['bus-of']), RangeError, 'bus-of');
  });

  it('refuses values that are neither a mask nor a list', () => {
    for (const value of ['bus-off', true, null, {}]) {
      expectInvalid(() => check(value), TypeError, 'The error mask must be a mask or an array of error classes');
    }
  });
});
