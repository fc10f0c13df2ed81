import { expect } from 'chai';
import { LoopDetector } from '../../../../src/cli/commands/bridge/loop-detector';
import { parseFrame } from '../../../../src';
import { numberedFrame } from './support';

const SECOND_NS = 1e9;

describe('LoopDetector', () => {
  it('does not suspect different frames, whatever their number, both ways', () => {
    const detector = new LoopDetector();
    for (let n = 0; n < 20_000; n++) {
      detector.received(0, numberedFrame(n), n);
      detector.forwarded(1, numberedFrame(n));
      detector.received(1, numberedFrame(100_000 + n), n);
      detector.forwarded(0, numberedFrame(100_000 + n));
    }
    expect(detector.suspicious).to.equal(false);
  });

  it('suspects 100 frames per second that come back from their destination, if they are half of all', () => {
    const detector = new LoopDetector();
    for (let n = 0; n < 100; n++) {
      expect(detector.suspicious).to.equal(false);
      detector.forwarded(1, numberedFrame(n));
      detector.received(1, numberedFrame(n), n);
    }
    expect(detector.suspicious).to.equal(true);
    for (let n = 0; n < 101; n++) detector.received(1, numberedFrame(1000 + n), n);
    expect(detector.suspicious).to.equal(false);
  });

  it('suspects one frame that arrives 500 times in 1 s, but not in 2 s', () => {
    const detector = new LoopDetector();
    for (let n = 0; n < 998; n++) detector.received(0, numberedFrame(7), (n * 2 * SECOND_NS) / 998);
    expect(detector.suspicious).to.equal(false);
    detector.restart(3 * SECOND_NS);
    for (let n = 0; n < 500; n++) detector.received(0, numberedFrame(7), 3 * SECOND_NS);
    expect(detector.suspicious).to.equal(true);
    detector.restart(4 * SECOND_NS);
    expect(detector.suspicious).to.equal(false);
  });

  it('distinguishes frames by identifier, format, kind, flags, length and data', () => {
    const texts = ['123#', '124#', '00000123#', '123#R', '123#00', '123#0000', '123#01', '123##0', '123##1'];
    for (const sent of texts) {
      for (const received of texts) {
        const detector = new LoopDetector();
        for (let n = 0; n < 200; n++) {
          detector.forwarded(1, parseFrame(sent));
          detector.received(1, parseFrame(received), 0);
        }
        expect(detector.suspicious, `${sent} ${received}`).to.equal(sent === received);
      }
    }
  });
});
