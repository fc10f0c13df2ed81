import { expect } from 'chai';
import { bench, raw, sentBytes } from '../../support/fakes/reception';
import { putRecord } from '../../support/traffic/records';

describe('Reception.lost, the number of frames that the kernel dropped', () => {
  const lost = (...counts: number[]) => {
    const { ring, reception, take } = bench();
    return counts.map((drops) => {
      putRecord(ring, sentBytes, { drops });
      take();
      return reception.dropped;
    });
  };

  it('is the count of the last frame that has one', () => {
    expect(lost(0, 5, 5, 7, 0, 7, 1000)).to.deep.equal([0, 5, 5, 7, 7, 7, 1000]);
  });

  it('continues when the counter of the kernel passes 2**32', () => {
    expect(lost(0xffff_fff0, 0, 10)).to.deep.equal([0xffff_fff0, 0xffff_fff0, 0x1_0000_000a]);
  });

  it('continues when another socket, which counts from 0, replaces the first', () => {
    const { ring, reception, take } = bench();
    putRecord(ring, sentBytes, { drops: 7 });
    take();
    reception.restart();
    putRecord(ring, sentBytes, { drops: 5 });
    take();
    expect(reception.dropped).to.equal(12);
  });

  it('is taken from a malformed frame, too', () => {
    const { ring, reception, take } = bench();
    putRecord(ring, raw(0x800, 0), { drops: 3 });
    expect(take()).to.deep.equal([]);
    expect(reception.dropped).to.equal(3);
  });
});
