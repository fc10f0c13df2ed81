import { expect } from 'chai';
import { INVALID_FRAME, INVALID_OPTION } from '../../src/options/invalid';

describe('Invalid', () => {
  it('creates a TypeError for a wrong type and a RangeError for a wrong value', () => {
    expect(INVALID_FRAME.type('no frame')).to.be.instanceOf(TypeError);
    expect(INVALID_FRAME.range('too long')).to.be.instanceOf(RangeError);
  });

  it('gives the error its message and code', () => {
    for (const error of [INVALID_OPTION.type('wrong'), INVALID_OPTION.range('wrong')]) {
      expect(error).to.include({ message: 'wrong', code: 'ERR_SOCKETCAN_INVALID_OPTION' });
    }
  });

  it('creates errors whose stack begins at the caller', () => {
    for (const error of [INVALID_OPTION.type('wrong'), INVALID_OPTION.range('wrong')]) {
      expect(error.stack?.split('\n')[1]).to.include('invalid.test');
    }
  });
});
