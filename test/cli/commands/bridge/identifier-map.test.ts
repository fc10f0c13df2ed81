import { expect } from 'chai';
import * as fc from 'fast-check';
import { IdentifierMap } from '../../../../src/cli/commands/bridge/identifier-map';
import { UsageError } from '../../../../src/cli/main/failures';
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

  it('maps different identifiers to different ones by a mask', () => {
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
