import { expect } from 'chai';
import { bench, raw, sentBytes } from '../support/fakes/reception';
import { putRecord } from '../support/traffic/records';

describe('the frames the kernel has dropped', () => {
  const lost = (...counts: number[]) => {
    const { ring, reception, take } = bench();
    return counts.map((drops) => {
      putRecord(ring, sentBytes, { drops });
      take();
      return reception.lost;
    });
  };

  it('are the count of the last frame that had one', () => {
    expect(lost(0, 5, 5, 7, 0, 7, 1000)).to.deep.equal([0, 5, 5, 7, 7, 7, 1000]);
  });

  it('are counted on when the counter of the kernel passes 2**32', () => {
    expect(lost(0xffff_fff0, 0, 10)).to.deep.equal([0xffff_fff0, 0xffff_fff0, 0x1_0000_000a]);
  });

  it('are counted on when another socket, whose count begins anew, takes the place of the first', () => {
    const { ring, reception, take } = bench();
    putRecord(ring, sentBytes, { drops: 7 });
    take();
    reception.restart();
    putRecord(ring, sentBytes, { drops: 5 });
    take();
    expect(reception.lost).to.equal(12);
  });

  it('are told even where the frame that brought the news is malformed', () => {
    const { ring, reception, take } = bench();
    putRecord(ring, raw(0x800, 0), { drops: 3 });
    expect(take()).to.deep.equal([]);
    expect(reception.lost).to.equal(3);
  });
});
