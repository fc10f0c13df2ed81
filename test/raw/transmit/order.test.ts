import { expect } from 'chai';
import * as fc from 'fast-check';
import { DataFrame } from '../../../src/frame/data-frame';
import { ErrorFrame } from '../../../src/frame/error-frame';
import { FrameFormat } from '../../../src/frame/format';
import type { Frame } from '../../../src/frame/frame';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { compareArbitration } from '../../../src/frame/timing/arbitration';
import { rankOf } from '../../../src/raw/transmit/order';

const { Base, Extended } = FrameFormat;
const rank = (frame: Frame): number => rankOf('priority')?.(frame) ?? NaN;

/** Frames of few identifiers, so that many are equal in arbitration. */
const anyFrame = fc.tuple(fc.constantFrom('base', 'extended', 'remote'), fc.nat({ max: 2 })).map(([kind, id]) => {
  if (kind === 'remote') return new RemoteFrame(Base, id);
  return kind === 'base'
    ? new DataFrame(Base, id, new Uint8Array(0))
    : new DataFrame(Extended, id * 2 ** 18, new Uint8Array(0));
});

describe('rankOf', () => {
  it("returns no rank for 'fifo'", () => {
    expect(rankOf('fifo')).to.equal(undefined);
  });

  it("ranks frames as arbitration does for 'priority'", () => {
    fc.assert(
      fc.property(anyFrame, anyFrame, (a, b) => {
        expect(Math.sign(rank(a) - rank(b))).to.equal(Math.sign(compareArbitration(a, b)));
      }),
    );
  });

  it("ranks error frames before all others for 'priority', since they are not sent on the bus", () => {
    const first = rank(new DataFrame(Base, 0, new Uint8Array(0)));
    expect(rank(new ErrorFrame(0x200, new Uint8Array(8)))).to.be.below(first);
  });
});
