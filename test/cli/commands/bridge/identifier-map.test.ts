import { expect } from 'chai';
import * as fc from 'fast-check';
import { Acceptance } from '../../../../src/cli/commands/bridge/acceptance';
import { applyFDRule } from '../../../../src/cli/commands/bridge/fd-rule';
import { IdentifierMap } from '../../../../src/cli/commands/bridge/identifier-map';
import { UsageError } from '../../../../src/cli/main/command';
import { parseFilter } from '../../../../src/cli/text/filter-text';
import { DataFrame, parseFrame } from '../../../../src';

describe('IdentifierMap', () => {
  for (const [rules, text, expected] of [
    [['123=456'], '123#AA', '456#AA'],
    [['123=456'], '124#AA', '124#AA'],
    [['123=456'], '00000123#AA', '00000123#AA'],
    [['123=456'], '123#R5', '456#R5'],
    [['123=456'], '123##3AABB', '456##3AABB'],
    [['123=456', '123=457'], '123#', '456#'],
    [['123=456', '456=457'], '123#', '456#'],
    [['123=18FEF100'], '123#AA', '18FEF100#AA'],
    [['18FEF100=123'], '18FEF100#AA', '123#AA'],
    [['100-1FF=300'], '100#', '300#'],
    [['100-1FF=300'], '1FF#', '3FF#'],
    [['100-1FF=300'], '200#', '200#'],
    [['000-7FF=10000000'], '7FF#', '100007FF#'],
    [['100:700=200'], '1A5#', '2A5#'],
    [['100:700=200'], '2A5#', '2A5#'],
    [['18FEF100:1FFFFF00=0CFEF100'], '18FEF17B#', '0CFEF17B#'],
    [['123:7FF=1FFFFFFF'], '123#', '1FFFFFFF#'],
    [['100:700=18000200'], '1A5#', '180002A5#'],
    [['18FEF100:1FFFF800=700'], '18FEF17B#', '17B#'],
    [['0:0=0'], '1A5#', '1A5#'],
  ] as const) {
    it(`maps ${text} to ${expected} by ${rules.join(' ')}`, () => {
      expect(String(new IdentifierMap(rules).apply(parseFrame(text)))).to.equal(expected);
    });
  }

  for (const rule of [
    ...['', '123', '123=', '=123', '123=456=789', '1234567890=1', 'xyz=1', '900=1', '1=900'],
    ...['20000000=1', '1FF-100=300', '100-1FF=780', '100-900=0', '100:900=200', '100:FFFFFFFF=1'],
    ...['18FEF100:0000FFFF=100', '18FEF100:000000FF=18'],
  ]) {
    it(`rejects the rule ${JSON.stringify(rule)} and quotes it`, () => {
      expect(() => new IdentifierMap([rule])).to.throw(UsageError, JSON.stringify(rule));
    });
  }

  it('maps different identifiers of a range or mask to different ones', () => {
    const identifier = fc.nat({ max: 0x7ff });
    fc.assert(
      fc.property(identifier, identifier, identifier, identifier, (mask, to, a, b) => {
        const hex = (value: number): string => value.toString(16).padStart(3, '0');
        const map = new IdentifierMap([`${hex(a)}:${hex(mask)}=${hex(to)}`]);
        const mapped = [a, (b & ~mask) | (a & mask)].map((id) => {
          const frame = map.apply(new DataFrame(11, id, new Uint8Array()));
          expect(frame.identifier & mask).to.equal(to & mask);
          expect(frame.identifier & ~mask).to.equal(id & ~mask);
          return frame.identifier;
        });
        expect(mapped[0] === mapped[1]).to.equal(a === ((b & ~mask) | (a & mask)));
      }),
    );
  });
});

describe('Acceptance', () => {
  function passed(filters: readonly string[], joined = false): string[] {
    const acceptance = new Acceptance(filters.map(parseFilter), joined);
    const all = ['123#', '124#', '00000123#', '123#R', '7FF#'];
    return all.filter((text) => acceptance.accepts(parseFrame(text)));
  }

  it('accepts a frame like candump: by any filter, or by all when they are joined', () => {
    expect(passed(['123:7FF'])).to.deep.equal(['123#', '00000123#', '123#R']);
    expect(passed(['123:C00007FF'])).to.deep.equal(['123#']);
    expect(passed(['123~7FF'])).to.deep.equal(['124#', '7FF#']);
    expect(passed(['124:7FF', '7FF:7FF'])).to.deep.equal(['124#', '7FF#']);
    expect(passed(['123~7FF', '124~7FF'], true)).to.deep.equal(['7FF#']);
    expect(passed([])).to.deep.equal([]);
  });
});

describe('applyFDRule', () => {
  for (const [rule, takesFD, text, expected] of [
    ['auto', true, '123##1AABB', '123##1AABB'],
    ['auto', false, '123##1AABB', undefined],
    ['auto', false, '123#AABB', '123#AABB'],
    ['auto', false, '123#R', '123#R'],
    ['drop', true, '123##1AABB', undefined],
    ['drop', true, '123#AABB', '123#AABB'],
    ['classic', true, '123##1AABB', '123#AABB'],
    ['classic', false, '123##0' + '11'.repeat(8), '123#' + '11'.repeat(8)],
    ['classic', true, '123##0' + '11'.repeat(12), undefined],
  ] as const) {
    it(`${expected === undefined ? 'drops' : 'makes'} ${text} ${expected ?? ''} by the rule ${rule} for a side with${takesFD ? '' : 'out'} CAN FD`, () => {
      const frame = applyFDRule(parseFrame(text), rule, takesFD);
      expect(frame === undefined ? undefined : String(frame)).to.equal(expected);
    });
  }
});
