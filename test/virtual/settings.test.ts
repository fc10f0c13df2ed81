import { expect } from 'chai';
import type { BusSettings } from '../../src';
import { checkSettings, DEFAULTS } from '../../src/virtual/settings';
import { thrown, wrong } from '../support/asserts/thrown';
import { newBus } from './probe';

const CODE = 'ERR_SOCKETCAN_INVALID_OPTION';

describe('The settings of a virtual bus', () => {
  it('change where a value is given, and stay otherwise', () => {
    const before = { ...DEFAULTS, bitrate: 500_000, seed: 7 };
    expect(checkSettings(before, {})).to.deep.equal(before);
    expect(checkSettings(before, { mtu: 16 })).to.deep.equal({ ...before, mtu: 16 });
    expect(checkSettings(before, wrong({ seed: undefined }))).to.deep.equal(before);
    expect(checkSettings(before, { faults: { drop: 1 } }).faults).to.deep.equal({ drop: 1 });
  });

  it('replace all faults together', () => {
    const before = { ...DEFAULTS, faults: { drop: 1, delay: 0.5 } };
    expect(checkSettings(before, { faults: { delay: 1 } }).faults).to.deep.equal({ delay: 1 });
  });

  it('accept their lowest and highest values', () => {
    const good: BusSettings[] = [
      { bitrate: 0, dataBitrate: 0, txQueueLength: 1, seed: -0x80000000 },
      { bitrate: 67_000_000, dataBitrate: 67_000_000, txQueueLength: 100_000, seed: 0xffffffff },
    ];
    for (const each of good) expect(checkSettings(DEFAULTS, each)).to.include(each);
  });

  const bad: [setting: string, value: unknown, name: 'RangeError' | 'TypeError'][] = [
    ['mtu', 8, 'RangeError'],
    ['mtu', '72', 'TypeError'],
    ['mtu', null, 'TypeError'],
    ['bitrate', -1, 'RangeError'],
    ['bitrate', 0.5, 'RangeError'],
    ['bitrate', NaN, 'RangeError'],
    ['bitrate', 67_000_001, 'RangeError'],
    ['bitrate', 500_000n, 'TypeError'],
    ['dataBitrate', 67_000_001, 'RangeError'],
    ['dataBitrate', '2M', 'TypeError'],
    ['txQueueLength', 0, 'RangeError'],
    ['txQueueLength', 100_001, 'RangeError'],
    ['seed', 2 ** 32, 'RangeError'],
    ['seed', 1.5, 'RangeError'],
    ['seed', 'x', 'TypeError'],
    ['virtualTime', 1, 'TypeError'],
    ['bitRate', 500_000, 'RangeError'],
    ['toString', 1, 'RangeError'],
  ];
  for (const [setting, value, name] of bad) {
    it(`reject ${setting} of type ${typeof value} and value ${String(value)}, with the name in the message`, () => {
      const error = thrown(() => checkSettings(DEFAULTS, wrong({ [setting]: value })));
      expect(error).to.include({ code: CODE, name });
      expect(error.message)
        .to.match(new RegExp(`^The .*\\b${setting}\\b`))
        .and.match(/ must be .*; found /);
    });
  }

  it('reject everything but an object', () => {
    for (const value of [undefined, null, 7]) {
      expect(thrown(() => checkSettings(DEFAULTS, wrong(value)))).to.include({
        code: CODE,
        name: 'TypeError',
      });
    }
  });

  it('do not change at all when one of them is invalid', () => {
    const bus = newBus();
    expect(() => bus.configure({ mtu: 16, bitrate: -1 })).to.throw(RangeError);
    expect(bus.mtu).to.equal(72);
  });

  it('do not change when the caller changes the passed object', () => {
    const faults = { drop: 0 };
    const settings = checkSettings(DEFAULTS, { faults });
    faults.drop = 1;
    expect(settings.faults.drop).to.equal(0);
  });
});
