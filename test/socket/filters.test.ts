import { expect } from 'chai';
import * as fc from 'fast-check';
import { DataFrame, FilterConfiguration, FrameFormat } from '../../src/frame';
import { AcceptanceFilters, checkFilters } from '../../src/socket/filters';
import { thrown, wrong } from '../support/thrown';

const { Base, Extended } = FrameFormat;
const frame = (identifier: number, format: FrameFormat = Extended) =>
  new DataFrame(format, identifier, new Uint8Array(0));

/** Whether the kernel lets the frame in, by the bytes it was given; with `join`, by all filters. */
function kernelAccepts(
  bytes: Uint8Array | undefined,
  { format, identifier }: DataFrame,
  join = false,
) {
  if (bytes === undefined) return true;
  const words = new Uint32Array(Uint8Array.from(bytes).buffer);
  const id = format === Extended ? identifier | 0x8000_0000 : identifier;
  const verdicts: boolean[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [want, mask] = [words[i] as number, words[i + 1] as number];
    verdicts.push(((id ^ want) & mask) === 0);
  }
  return verdicts.length > 0 && (join ? verdicts.every(Boolean) : verdicts.some(Boolean));
}

const identifier = fc.nat({ max: 7 });
const small = fc
  .tuple(identifier, fc.constantFrom(0, 1, 3, 7, 0x7ff), fc.constantFrom(undefined, Base, Extended))
  .map(([id, mask, format]) => new FilterConfiguration(id, mask, format));

describe('checkFilters', () => {
  it('returns a copy of a list of filters, empty or full', () => {
    const list = Array.from({ length: 512 }, () => FilterConfiguration.promiscuous());
    expect(checkFilters(list)).to.deep.equal(list);
    expect(checkFilters(list)).to.not.equal(list);
    expect(checkFilters([])).to.deep.equal([]);
  });

  it('refuses what is no array of filters, naming the first that is none', () => {
    for (const value of [undefined, null, {}, 'x', new Set()]) {
      const error = thrown(() => checkFilters(value));
      expect(error).to.be.instanceOf(TypeError);
      expect(error['code']).to.equal('ERR_SOCKETCAN_INVALID_FILTER');
    }
    const error = thrown(() => checkFilters([FilterConfiguration.promiscuous(), 'can0']));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.match(/^Filter 1 must be a FilterConfiguration, not can0/);
  });

  it('refuses the 513th, which the kernel would', () => {
    const list = Array.from({ length: 513 }, () => FilterConfiguration.promiscuous());
    const error = thrown(() => checkFilters(list));
    expect(error).to.be.instanceOf(RangeError);
    expect(error['code']).to.equal('ERR_SOCKETCAN_INVALID_FILTER');
    expect(error.message).to.contain('not 513').and.to.contain('optimizeFilterConfigurations');
  });

  it('refuses to take words for filters', () => {
    expect(thrown(() => new AcceptanceFilters(checkFilters(wrong([1]))))).to.be.instanceOf(
      TypeError,
    );
  });
});

describe('AcceptanceFilters', () => {
  it('leave the kernel as it is while none were set', () => {
    const filters = new AcceptanceFilters();
    expect(filters.bytes).to.equal(undefined);
    expect(filters.addEcho(frame(1)), 'everything comes in anyway').to.equal(false);
    expect(filters.bytes).to.equal(undefined);
    expect(filters.accepts(frame(1))).to.equal(true);
  });

  it('are struct can_filter in a row', () => {
    const filters = new AcceptanceFilters([
      new FilterConfiguration(0x123, 0x7ff, Base),
      new FilterConfiguration(5, 7),
    ]);
    const words = new Uint32Array(Uint8Array.from(filters.bytes ?? []).buffer);
    expect([...words]).to.deep.equal([0x123, 0xc000_07ff, 5, 0x4000_0007]);
  });

  it('are no bytes at all for an empty set: the kernel accepts no data frame', () => {
    const filters = new AcceptanceFilters([]);
    expect(filters.bytes?.byteLength).to.equal(0);
    filters.set([FilterConfiguration.promiscuous()]);
    expect(filters.bytes?.byteLength).to.equal(8);
  });

  it('let a requested echo in that they would keep out, and nothing else with it', () => {
    const filters = new AcceptanceFilters([new FilterConfiguration(1, 0x7ff, Base)]);
    expect(filters.addEcho(frame(2))).to.equal(true);
    expect(kernelAccepts(filters.bytes, frame(2))).to.equal(true);
    expect(kernelAccepts(filters.bytes, frame(3))).to.equal(false);
    expect(kernelAccepts(filters.bytes, frame(2, Base))).to.equal(false);
    expect(filters.accepts(frame(2)), 'from others it is turned away').to.equal(false);
    expect(filters.accepts(frame(1, Base))).to.equal(true);
  });

  it('tell the kernel of an echo once, and not at all where a filter covers it', () => {
    const filters = new AcceptanceFilters([new FilterConfiguration(0, 0x700, Base)]);
    expect(filters.addEcho(frame(0x12, Base))).to.equal(false);
    expect(filters.addEcho(frame(0x712, Base))).to.equal(true);
    expect(filters.addEcho(frame(0x712, Base))).to.equal(false);
    expect(filters.addEcho(frame(0x712, Extended))).to.equal(true);
    expect(filters.bytes?.byteLength).to.equal(24);
  });

  it('keep the echoes when they are replaced, except those now covered', () => {
    const filters = new AcceptanceFilters([]);
    filters.addEcho(frame(1));
    filters.addEcho(frame(2));
    filters.set([new FilterConfiguration(1, 0x1fff_ffff, Extended)]);
    expect(filters.bytes?.byteLength).to.equal(16);
    expect([1, 2, 3].map((id) => kernelAccepts(filters.bytes, frame(id)))).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect([1, 2].map((id) => filters.accepts(frame(id)))).to.deep.equal([true, false]);
  });

  it('go on letting echoes in that filters covered when they were asked for, and no longer do', () => {
    const filters = new AcceptanceFilters();
    filters.addEcho(frame(1));
    filters.set([new FilterConfiguration(2, 0x1fff_ffff, Extended)]);
    expect([1, 2, 3].map((id) => kernelAccepts(filters.bytes, frame(id)))).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(filters.accepts(frame(1))).to.equal(false);
  });

  it('are one that passes everything after echoes of more identifiers than they may be', () => {
    const filters = new AcceptanceFilters([]);
    for (let id = 0; id < 513; id++) filters.addEcho(frame(id));
    expect(filters.bytes?.byteLength).to.equal(8);
    expect([0, 512, 9999].every((id) => kernelAccepts(filters.bytes, frame(id)))).to.equal(true);
    expect(filters.accepts(frame(512))).to.equal(false);
    filters.set([new FilterConfiguration(512, 0x1fff_ffff, Extended)]);
    expect([511, 512].map((id) => filters.accepts(frame(id)))).to.deep.equal([false, true]);
  });

  it('are one that passes everything when the echoes make them too many, and are applied here', () => {
    const list = Array.from({ length: 512 }, (_, i) => new FilterConfiguration(i, 0x7ff, Base));
    const filters = new AcceptanceFilters(list);
    expect(filters.bytes?.byteLength).to.equal(512 * 8);
    filters.addEcho(frame(0x777, Base));
    expect(filters.bytes?.byteLength).to.equal(8);
    expect([511, 512, 0x777].map((id) => filters.accepts(frame(id, Base)))).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  for (const join of [false, true]) {
    it(`deliver what ${join ? 'all' : 'any'} of them accept and the echoes, no more and no less`, () => {
      fc.assert(
        fc.property(
          fc.array(small, { maxLength: 4 }),
          fc.array(small, { maxLength: 4 }),
          fc.array(fc.tuple(identifier, fc.constantFrom(Base, Extended)), { maxLength: 4 }),
          fc.boolean(),
          (before, after, echoes, replace) => {
            const filters = new AcceptanceFilters(before, join);
            for (const [id, format] of echoes) filters.addEcho(frame(id, format));
            if (replace) {
              filters.set(after);
              for (const [id, format] of echoes) filters.addEcho(frame(id, format));
            }
            const wanted = replace ? after : before;
            for (let id = 0; id < 8; id++) {
              for (const format of [Base, Extended]) {
                const each = frame(id, format);
                const verdicts = wanted.map((filter) => filter.accepts(each));
                const expected =
                  verdicts.length > 0 && (join ? verdicts.every(Boolean) : verdicts.some(Boolean));
                const entered = kernelAccepts(filters.bytes, each, join);
                expect(entered && filters.accepts(each), String(each)).to.equal(expected);
                const echoed = echoes.some(([e, f]) => e === id && f === format);
                if (echoed) expect(entered, `echo of ${String(each)}`).to.equal(true);
              }
            }
          },
        ),
        { numRuns: 500 },
      );
    });
  }
});
