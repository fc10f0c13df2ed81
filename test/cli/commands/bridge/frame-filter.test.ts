import { expect } from 'chai';
import * as fc from 'fast-check';
import { FrameFilter } from '../../../../src/cli/commands/bridge/frame-filter';
import { parseFilter } from '../../../../src/cli/interfaces/candump-filter';
import { DataFrame, FrameFormat, parseFrame, RemoteFrame, type CANFilter } from '../../../../src';
import { CAN_EFF_FLAG, CAN_RTR_FLAG } from '../../../../src/frame/constants';
import { passesKernelFilter, toKernelFilter } from '../../../../src/frame/can-filter';

describe('FrameFilter', () => {
  function passed(filters: readonly string[], join = false): string[] {
    const filter = new FrameFilter(filters.map(parseFilter), join);
    const all = ['123#', '124#', '00000123#', '123#R', '7FF#'];
    return all.filter((text) => filter.accepts(parseFrame(text)));
  }

  it('accepts a frame like candump: by any filter, or by all when they are joined', () => {
    expect(passed(['123:7FF'])).to.deep.equal(['123#', '00000123#', '123#R']);
    expect(passed(['123:C00007FF'])).to.deep.equal(['123#']);
    expect(passed(['123~7FF'])).to.deep.equal(['124#', '7FF#']);
    expect(passed(['124:7FF', '7FF:7FF'])).to.deep.equal(['124#', '7FF#']);
    expect(passed(['123~7FF', '124~7FF'], true)).to.deep.equal(['7FF#']);
    expect(passed([])).to.deep.equal([]);
  });

  it('accepts exactly the frames that the kernel accepts by the same filter', () => {
    const format = fc.constantFrom(FrameFormat.Base, FrameFormat.Extended);
    // Few different bits, so that many frames match.
    const bits = (of: FrameFormat): fc.Arbitrary<number> => fc.nat({ max: 7 }).map((n) => (n | (n << (of - 3))) >>> 0);
    const filter: fc.Arbitrary<CANFilter> = fc.option(format, { nil: undefined }).chain((of) =>
      fc.record({
        identifier: bits(of ?? FrameFormat.Extended),
        mask: bits(of ?? FrameFormat.Extended),
        format: fc.constant(of),
        remote: fc.constantFrom(true, false, 'any' as const),
        inverted: fc.boolean(),
      }),
    );
    const frame = format.chain((of) =>
      fc
        .tuple(bits(of), fc.boolean())
        .map(([id, remote]) => (remote ? new RemoteFrame(of, id) : new DataFrame(of, id, new Uint8Array()))),
    );
    fc.assert(
      fc.property(filter, frame, (each, received) => {
        const extended = received.format === FrameFormat.Extended ? CAN_EFF_FLAG : 0;
        const remote = received instanceof RemoteFrame ? CAN_RTR_FLAG : 0;
        const canId = (received.identifier | extended | remote) >>> 0;
        const { can_id, can_mask } = toKernelFilter(each);
        expect(new FrameFilter([each]).accepts(received)).to.equal(passesKernelFilter(canId, can_id, can_mask));
      }),
      { numRuns: 2000 },
    );
  });
});
