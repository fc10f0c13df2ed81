import { expect } from 'chai';
import { DataFrame } from '../../src/frame/data-frame';
import { LENGTHS, expectError } from './support';

const CODE = 'ERR_SOCKETCAN_INVALID_FRAME';

describe('Data length codes', () => {
  it('dlcToLength returns the lengths of ISO 11898-1', () => {
    expect(Array.from({ length: 16 }, (_, dlc) => DataFrame.dlcToLength(dlc))).to.deep.equal(LENGTHS);
  });

  it('lengthToDLC returns the code of every valid length', () => {
    expect(LENGTHS.map((length) => DataFrame.lengthToDLC(length))).to.deep.equal([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ]);
  });

  it('lengthToDLC rejects every other length', () => {
    for (let length = 0; length <= 64; length++) {
      if (LENGTHS.includes(length)) continue;
      expectError(() => DataFrame.lengthToDLC(length), 'RangeError', CODE, String(length));
    }
    for (const length of [-1, 65, 256, 1e9, 1.5, NaN, Infinity]) {
      expectError(() => DataFrame.lengthToDLC(length), 'RangeError', CODE, String(length));
    }
  });

  it('dlcToLength rejects codes above 15, negative codes and fractions', () => {
    expectError(() => DataFrame.dlcToLength(16), 'RangeError', CODE, '16', '15');
    for (const dlc of [-1, 0.5, NaN]) {
      expectError(() => DataFrame.dlcToLength(dlc), 'RangeError', CODE, String(dlc));
    }
  });

  it('dlcToLength and lengthToDLC reject values that are not numbers', () => {
    expectError(() => DataFrame.dlcToLength('8' as never), 'TypeError', CODE, '"8"');
    expectError(() => DataFrame.lengthToDLC(8n as never), 'TypeError', CODE, '8n');
  });
});

describe('requiredPadding', () => {
  it('returns the values of pycyphal', () => {
    expect(DataFrame.requiredPadding(6)).to.equal(0);
    expect(DataFrame.requiredPadding(61)).to.equal(3);
  });

  it('pads every length to the next valid one', () => {
    for (let length = 0; length <= 64; length++) {
      const padded = length + DataFrame.requiredPadding(length);
      expect(LENGTHS).to.include(padded);
      expect(LENGTHS.some((valid) => valid >= length && valid < padded)).to.equal(false);
    }
  });

  it('rejects more than 64 bytes, negative numbers and fractions', () => {
    for (const length of [-1, 65, 2.5, NaN]) {
      expectError(() => DataFrame.requiredPadding(length), 'RangeError', CODE, String(length));
    }
  });
});
