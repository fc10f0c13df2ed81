import { expect } from 'chai';
import { DataFrame } from '../../src/frame';
import { EarlyFrames } from '../../src/socket/early-frames';
import type { ReceivedFrame } from '../../src/socket/reception';

const received = (count: number, first = 0): ReceivedFrame[] =>
  Array.from({ length: count }, (_, i) => ({
    frame: new DataFrame(29, first + i, new Uint8Array(0)),
    timestamp: { systemNs: 0n, monotonicNs: 0n },
    own: false,
    local: false,
  }));

describe('EarlyFrames', () => {
  it('keep what comes before anybody listens, in order, and give it out once', () => {
    const early = new EarlyFrames();
    const all = received(5);
    expect(early.keep(all.slice(0, 2))).to.equal(0);
    expect(early.keep(all.slice(2))).to.equal(0);
    expect(early.take()).to.deep.equal(all);
    expect(early.take()).to.deep.equal([]);
  });

  it('keep 4096, the first, and tell how many they do not', () => {
    const early = new EarlyFrames();
    const all = received(5000);
    expect(early.keep(all.slice(0, 4000))).to.equal(0);
    expect(early.keep(all.slice(4000, 4500))).to.equal(404);
    expect(early.keep(all.slice(4500))).to.equal(500);
    expect(early.take()).to.deep.equal(all.slice(0, 4096));
  });

  it('keep nothing from when somebody listens', () => {
    const early = new EarlyFrames();
    expect(early.take()).to.deep.equal([]);
    expect(early.keep(received(1))).to.equal(undefined);
    expect(early.take()).to.deep.equal([]);
  });
});
