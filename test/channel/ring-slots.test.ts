import { expect } from 'chai';
import { ringSlots } from '../../src/channel/connection';
import { recordSize } from '../../src/poller/record';
import { CAN_RAW_RECORD } from '../../src/raw/kernel/record';

describe('ringSlots', () => {
  it('is 4096 for the records of CAN_RAW, in half a MiB', () => {
    expect(ringSlots(CAN_RAW_RECORD)).to.equal(4096);
    expect(4096 * recordSize(CAN_RAW_RECORD)).to.be.most(512 * 1024);
  });

  it('decreases with the size of a packet, down to 128', () => {
    const slots = [8, 200, 500, 1000, 2060, 8300].map((packetSize) => ringSlots({ packetSize, trailer: false }));
    expect(slots).to.deep.equal([4096, 2048, 512, 256, 128, 128]);
  });
});
