import { expect } from 'chai';
import * as fc from 'fast-check';
import type { CANFilter } from '../../../src/frame/can-filter';
import { DataFrame } from '../../../src/frame/data-frame';
import { FilterConfiguration } from '../../../src/frame/filter-configuration';
import { FrameFormat } from '../../../src/frame/format';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { AcceptanceFilters } from '../../../src/raw/filters/acceptance';
import { kernelReceives, type Pair } from '../../support/kernel/receive-lists';

const { Base, Extended } = FrameFormat;
const frame = (identifier: number, format: FrameFormat = Extended, remote = false) =>
  remote ? new RemoteFrame(format, identifier) : new DataFrame(format, identifier, new Uint8Array(0));

/** The pairs of can_id and can_mask in bytes for the kernel. */
function pairs(bytes: Uint8Array): Pair[] {
  const words = [...new Uint32Array(Uint8Array.from(bytes).buffer)];
  return words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1] as number] as const] : []));
}

/** Whether the kernel accepts the frame with filters in these bytes; with `join`, all of them must match. */
function kernelAccepts(bytes: Uint8Array | undefined, each: DataFrame | RemoteFrame, join = false): boolean {
  const flags = (each.format === Extended ? 0x8000_0000 : 0) + (each instanceof RemoteFrame ? 0x4000_0000 : 0);
  return kernelReceives(bytes && pairs(bytes), each.identifier + flags, 0, join);
}

const identifier = fc.nat({ max: 7 });
const anyFilter: fc.Arbitrary<CANFilter> = fc.record({
  identifier,
  mask: fc.constantFrom(0, 1, 3, 7, 0x7ff),
  format: fc.constantFrom(undefined, Base, Extended),
  remote: fc.constantFrom(false, true, 'any' as const),
  inverted: fc.boolean(),
});
const anyFrame = fc
  .tuple(identifier, fc.constantFrom(Base, Extended), fc.boolean())
  .map(([id, format, remote]) => frame(id, format, remote));

/** Every frame that the filters above can distinguish. */
const FRAMES = [Base, Extended].flatMap((format) =>
  [false, true].flatMap((remote) => Array.from({ length: 8 }, (_, id) => frame(id, format, remote))),
);

/** Whether a filter passes a frame, computed from its description and not from bits of can_id. */
function describes(filter: CANFilter, each: DataFrame | RemoteFrame): boolean {
  const { remote = false, inverted = false } = filter;
  const passes =
    (each.identifier & filter.mask) === (filter.identifier & filter.mask) &&
    (filter.format === undefined || filter.format === each.format) &&
    (remote === 'any' || remote === each instanceof RemoteFrame);
  return passes !== inverted;
}

function wants(filters: readonly CANFilter[], each: DataFrame | RemoteFrame, join: boolean) {
  const verdicts = filters.map((filter) => describes(filter, each));
  return verdicts.length > 0 && (join ? verdicts.every(Boolean) : verdicts.some(Boolean));
}

describe('AcceptanceFilters', () => {
  it("leave the kernel's default when the user sets no filters", () => {
    const filters = new AcceptanceFilters();
    expect(filters.bytes).to.equal(undefined);
    expect(filters.addEcho(frame(1)), 'the kernel accepts all frames').to.equal(false);
    expect(filters.bytes).to.equal(undefined);
    expect(filters.accepts(frame(1))).to.equal(true);
  });

  it('produce an array of struct can_filter', () => {
    const filters = new AcceptanceFilters([new FilterConfiguration(0x123, 0x7ff, Base), new FilterConfiguration(5, 7)]);
    const words = new Uint32Array(Uint8Array.from(filters.bytes ?? []).buffer);
    expect([...words]).to.deep.equal([0x123, 0xc000_07ff, 5, 0x4000_0007]);
  });

  it('produce no bytes for an empty list, so that the kernel accepts no data frame', () => {
    const filters = new AcceptanceFilters([]);
    expect(filters.bytes?.byteLength).to.equal(0);
    filters.set([FilterConfiguration.promiscuous()]);
    expect(filters.bytes?.byteLength).to.equal(8);
  });

  it('produce the old bytes again when a replacement is undone', () => {
    const filters = new AcceptanceFilters([new FilterConfiguration(0x123, 0x7ff, Base)]);
    filters.addEcho(frame(2));
    const before = filters.bytes;
    const undo = filters.set([new FilterConfiguration(0x456, 0x7ff, Base)]);
    expect(filters.bytes).to.not.deep.equal(before);
    undo();
    expect(filters.bytes).to.deep.equal(before);
    expect([0x123, 0x456].map((id) => filters.accepts(frame(id, Base)))).to.deep.equal([true, false]);
  });

  it('accept a requested echo that no filter accepts, and no other frame', () => {
    const filters = new AcceptanceFilters([new FilterConfiguration(1, 0x7ff, Base)]);
    expect(filters.addEcho(frame(2))).to.equal(true);
    expect(kernelAccepts(filters.bytes, frame(2))).to.equal(true);
    expect(kernelAccepts(filters.bytes, frame(3))).to.equal(false);
    expect(kernelAccepts(filters.bytes, frame(2, Base))).to.equal(false);
    expect(filters.accepts(frame(2)), 'from other sockets it is rejected').to.equal(false);
    expect(filters.accepts(frame(1, Base))).to.equal(true);
  });

  it('add a filter for an echo once, and none when a filter covers it', () => {
    const filters = new AcceptanceFilters([new FilterConfiguration(0, 0x700, Base)]);
    expect(filters.addEcho(frame(0x12, Base))).to.equal(false);
    expect(filters.addEcho(frame(0x712, Base))).to.equal(true);
    expect(filters.addEcho(frame(0x712, Base))).to.equal(false);
    expect(filters.addEcho(frame(0x712, Extended))).to.equal(true);
    expect(filters.bytes?.byteLength).to.equal(24);
  });

  it('keep the echoes that the new filters do not cover when filters are replaced', () => {
    const filters = new AcceptanceFilters([]);
    filters.addEcho(frame(1));
    filters.addEcho(frame(2));
    filters.set([new FilterConfiguration(1, 0x1fff_ffff, Extended)]);
    expect(filters.bytes?.byteLength).to.equal(16);
    expect([1, 2, 3].map((id) => kernelAccepts(filters.bytes, frame(id)))).to.deep.equal([true, true, false]);
    expect([1, 2].map((id) => filters.accepts(frame(id)))).to.deep.equal([true, false]);
  });

  it('keep accepting an echo when new filters replace the one that covered it', () => {
    const filters = new AcceptanceFilters();
    filters.addEcho(frame(1));
    filters.set([new FilterConfiguration(2, 0x1fff_ffff, Extended)]);
    expect([1, 2, 3].map((id) => kernelAccepts(filters.bytes, frame(id)))).to.deep.equal([true, true, false]);
    expect(filters.accepts(frame(1))).to.equal(false);
  });

  it('become one filter for all frames when echoes have more than 512 identifiers', () => {
    const filters = new AcceptanceFilters([]);
    for (let id = 0; id < 513; id++) filters.addEcho(frame(id));
    expect(filters.bytes?.byteLength).to.equal(8);
    expect([0, 512, 9999].every((id) => kernelAccepts(filters.bytes, frame(id)))).to.equal(true);
    expect(filters.accepts(frame(512))).to.equal(false);
    filters.set([new FilterConfiguration(512, 0x1fff_ffff, Extended)]);
    expect([511, 512].map((id) => filters.accepts(frame(id)))).to.deep.equal([false, true]);
  });

  it('become one filter for all frames when filters and echoes are more than 512, and select in the process', () => {
    const list = Array.from({ length: 512 }, (_, i) => new FilterConfiguration(i, 0x7ff, Base));
    const filters = new AcceptanceFilters(list);
    expect(filters.bytes?.byteLength).to.equal(512 * 8);
    filters.addEcho(frame(0x777, Base));
    expect(filters.bytes?.byteLength).to.equal(8);
    expect([511, 512, 0x777].map((id) => filters.accepts(frame(id, Base)))).to.deep.equal([true, false, false]);
  });

  it('accept every later echo after 512 identifiers, when the 513th is covered by a filter', () => {
    const filters = new AcceptanceFilters([new FilterConfiguration(512, 0x1fff_ffff, Extended)]);
    for (let id = 0; id < 512; id++) filters.addEcho(frame(id));
    expect(filters.addEcho(frame(512)), 'the kernel needs new filters').to.equal(true);
    expect(filters.addEcho(frame(513))).to.equal(false);
    expect(kernelAccepts(filters.bytes, frame(513))).to.equal(true);
    expect(filters.accepts(frame(513))).to.equal(false);
  });

  it('accept the echo of a remote frame, and of the only frame that an inverted filter rejects', () => {
    const inverted = { identifier: 1, mask: 0x7ff, format: Base, inverted: true };
    const filters = new AcceptanceFilters([inverted]);
    expect(filters.addEcho(frame(1, Base, true)), 'accepted by inversion').to.equal(false);
    expect(filters.addEcho(frame(1, Base))).to.equal(true);
    expect(pairs(filters.bytes as Uint8Array)).to.deep.equal([
      [0x2000_0001, 0xc000_07ff],
      [0x0000_0001, 0xc000_07ff],
    ]);
    expect(filters.accepts(frame(1, Base))).to.equal(false);
    expect(filters.accepts(frame(1, Base, true))).to.equal(true);
    filters.set([{ identifier: 1, mask: 0x7ff, format: Base, remote: true }]);
    expect(filters.accepts(frame(1, Base, true))).to.equal(true);
    expect(filters.accepts(frame(1, Base))).to.equal(false);
  });

  it('copy the objects they are made from', () => {
    const mine = { identifier: 1, mask: 0x7ff, format: Base, remote: 'any' as boolean | 'any' };
    const filters = new AcceptanceFilters([mine]);
    mine.remote = true;
    mine.identifier = 2;
    expect(pairs(filters.bytes as Uint8Array)).to.deep.equal([[1, 0x8000_07ff]]);
  });

  for (const join of [false, true]) {
    it(`accept the same frames as the kernel when echoes are on, ${join ? 'joined' : 'not joined'}`, () => {
      let accepted = 0;
      fc.assert(
        fc.property(fc.array(anyFilter, { maxLength: 4 }), anyFrame, (list, each) => {
          const filters = new AcceptanceFilters(list, join);
          const { bytes } = filters;
          filters.addEcho(frame(0x1234));
          const accepts = filters.accepts(each);
          if (accepts) accepted++;
          expect(accepts).to.equal(kernelAccepts(bytes, each, join));
          expect(accepts).to.equal(wants(list, each, join));
        }),
        { numRuns: 5000 },
      );
      expect(accepted).to.be.within(500, 4500);
    });

    it(`deliver exactly the frames that ${join ? 'all' : 'any'} of them accept, and let all echoes in`, () => {
      fc.assert(
        fc.property(
          fc.array(anyFilter, { maxLength: 4 }),
          fc.array(anyFilter, { maxLength: 4 }),
          fc.array(anyFrame, { maxLength: 4 }),
          fc.boolean(),
          (before, after, echoes, replace) => {
            const filters = new AcceptanceFilters(before, join);
            for (const echo of echoes) filters.addEcho(echo);
            if (replace) {
              filters.set(after);
              for (const echo of echoes) filters.addEcho(echo);
            }
            const wanted = replace ? after : before;
            const { bytes } = filters;
            for (const each of FRAMES) {
              const entered = kernelAccepts(bytes, each, join);
              const delivered = entered && filters.accepts(each);
              expect(delivered, String(each)).to.equal(wants(wanted, each, join));
              if (echoes.some((echo) => String(echo) === String(each))) {
                expect(entered, `echo of ${String(each)}`).to.equal(true);
              }
            }
          },
        ),
        { numRuns: 500 },
      );
    });
  }
});
