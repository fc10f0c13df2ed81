import { expect } from 'chai';
import { DataFrame } from '../../../src/frame/data-frame';
import { EarlyMessages } from '../../../src/channel/receive/early-messages';
import type { ReceivedFrame } from '../../../src/raw/receive/received-frame';

const received = (count: number, first = 0): ReceivedFrame[] =>
  Array.from({ length: count }, (_, i) => ({
    frame: new DataFrame(29, first + i, new Uint8Array(0)),
    timestamp: { systemNs: 0n, monotonicNs: 0n },
    own: false,
    local: false,
  }));

describe('EarlyMessages', () => {
  it('keep frames until the first listener, in order, and return them once', () => {
    const early = new EarlyMessages<ReceivedFrame>();
    const all = received(5);
    expect(early.keep(all.slice(0, 2))).to.equal(0);
    expect(early.keep(all.slice(2))).to.equal(0);
    expect(early.take()).to.deep.equal(all);
    expect(early.take()).to.deep.equal([]);
  });

  it('keep the first 4096 frames, and return the number of the others', () => {
    const early = new EarlyMessages<ReceivedFrame>();
    const all = received(5000);
    expect(early.keep(all.slice(0, 4000))).to.equal(0);
    expect(early.keep(all.slice(4000, 4500))).to.equal(404);
    expect(early.keep(all.slice(4500))).to.equal(500);
    expect(early.take()).to.deep.equal(all.slice(0, 4096));
  });

  it('keep no frame after the first listener', () => {
    const early = new EarlyMessages<ReceivedFrame>();
    expect(early.take()).to.deep.equal([]);
    expect(early.keep(received(1))).to.equal(undefined);
    expect(early.take()).to.deep.equal([]);
  });
});
