import { expect } from 'chai';
import { checkMTU, VALID_MTU_SET } from '../../src/media/mtu';
import { thrown } from '../support/asserts/thrown';

describe('checkMTU', () => {
  it('returns the MTUs of pycyphal', () => {
    expect([...VALID_MTU_SET].map(checkMTU)).to.deep.equal([8, 12, 16, 20, 24, 32, 48, 64]);
  });

  it('rejects other numbers, with the valid ones in the message', () => {
    for (const mtu of [0, -8, 9, 72, NaN, Infinity, 8.5]) {
      const error = thrown(() => checkMTU(mtu));
      expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_MTU', name: 'RangeError' });
      expect(error.message).to.contain(`The MTU must be 8, 12, 16, 20, 24, 32, 48 or 64; found ${mtu}`);
    }
  });

  it('rejects everything but a number', () => {
    for (const mtu of ['8', 8n, null, undefined, [8]]) {
      const error = thrown(() => checkMTU(mtu));
      expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_MTU', name: 'TypeError' });
    }
  });
});
