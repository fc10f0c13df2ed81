import { expect } from 'chai';
import * as fc from 'fast-check';
import { DataFrame } from '../../../src/frame/data-frame';
import type { FrameFormat } from '../../../src/frame/format';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { arbitrationKey, compareArbitration } from '../../../src/frame/timing/arbitration';
import { Base, Extended } from '../support';
import { any, arbitrationField, frame, type WireFrame } from './wire-bits';

describe('compareArbitration', () => {
  const order = [
    '000#',
    '000#R',
    '00000000#',
    '00000000#R',
    '00000001#',
    '0003FFFF#R',
    '001#',
    '123#11',
    '123#R',
    '048C0000#', // 0x123 << 18
    '7FF#',
    '7FF#R',
    '1FFFFFFF#',
    '1FFFFFFF#R',
  ].map(frame);

  it('sorts by identifier, base before extended, data before remote', () => {
    expect([...order].reverse().sort(compareArbitration)).to.deep.equal(order);
  });

  it('returns a negative number when the first frame wins', () => {
    expect(compareArbitration(frame('100#'), frame('101#'))).to.be.below(0);
    expect(compareArbitration(frame('101#'), frame('100#'))).to.be.above(0);
  });

  it('ranks a base remote frame before an extended data frame with the same first 11 bits', () => {
    expect(compareArbitration(frame('123#R'), frame('048C0000#'))).to.be.below(0);
  });

  it('returns 0 for classic and CAN FD frames with the same identifier, whatever their data', () => {
    expect(compareArbitration(frame('123#11'), frame('123##122'))).to.equal(0);
    expect(compareArbitration(frame('123#R1'), frame('123#R8'))).to.equal(0);
  });

  it('lets the dominant bit win at the first difference of the arbitration fields', () => {
    const fewIdentifiers = fc
      .tuple(fc.constantFrom(0, 1, 0x123, 0x7ff), fc.constantFrom(0, 1, 0x3ffff), fc.nat({ max: 3 }))
      .map(([upper, lower, kind]): WireFrame => {
        const format: FrameFormat = kind < 2 ? Base : Extended;
        const identifier = kind < 2 ? upper : upper * 2 ** 18 + lower;
        return kind % 2 === 0
          ? new DataFrame(format, identifier, Uint8Array.of())
          : new RemoteFrame(format, identifier);
      });
    const some = fc.oneof(any, fewIdentifiers);
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [x, y] = [arbitrationField(a), arbitrationField(b)];
        // No field is a prefix of another: they differ in IDE at the latest.
        expect(Math.sign(compareArbitration(a, b))).to.equal(x < y ? -1 : x > y ? 1 : 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('sorts in the same order as the 32-bit arbitrationKey', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(arbitrationKey(a)).to.satisfy(Number.isSafeInteger);
        expect(arbitrationKey(a)).to.be.within(0, 2 ** 32 - 1);
        expect(compareArbitration(a, b)).to.equal(arbitrationKey(a) - arbitrationKey(b));
        expect(Math.sign(compareArbitration(a, b))).to.equal(0 - Math.sign(compareArbitration(b, a)));
      }),
    );
  });
});
