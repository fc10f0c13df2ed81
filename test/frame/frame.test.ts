import { expect } from 'chai';
import * as fc from 'fast-check';
import { isFrame } from '../../src/frame/frame';
import { anyFrame } from './support';

describe('isFrame', () => {
  it('accepts frames of every kind', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(isFrame(frame)).to.equal(true);
      }),
    );
  });

  it('rejects every other value', () => {
    const like = { format: 11, identifier: 1, data: new Uint8Array(1) };
    for (const value of [undefined, null, 0x123, '123#', like, [], new Uint8Array(16)]) {
      expect(isFrame(value)).to.equal(false);
    }
  });
});
