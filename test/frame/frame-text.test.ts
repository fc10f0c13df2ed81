import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseFrame } from '../../src/frame/frame-text';
import { DataFrame } from '../../src/frame/data-frame';
import { RemoteFrame } from '../../src/frame/remote-frame';
import { Base, Extended, bytes, dataFrame, expectError, remoteFrame } from './support';

const CODE = 'ERR_SOCKETCAN_INVALID_FRAME';

describe('parseFrame', () => {
  it('reads back every text that toString writes', () => {
    fc.assert(
      fc.property(fc.oneof(dataFrame, remoteFrame), (frame) => {
        const parsed = parseFrame(frame.toString());
        expect(parsed).to.deep.equal(frame);
        expect(parsed.constructor).to.equal(frame.constructor);
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts upper and lower case', () => {
    fc.assert(
      fc.property(fc.oneof(dataFrame, remoteFrame), (frame) => {
        expect(parseFrame(frame.toString().toLowerCase())).to.deep.equal(frame);
      }),
    );
  });

  it('reads classic frames of both formats', () => {
    expect(parseFrame('123#DEADBEEF')).to.deep.equal(new DataFrame(Base, 0x123, bytes('DEADBEEF')));
    expect(parseFrame('00000123#')).to.deep.equal(new DataFrame(Extended, 0x123, bytes('')));
    expect(parseFrame('7ff#')).to.deep.equal(new DataFrame(Base, 0x7ff, bytes('')));
    expect(parseFrame('1FFFFFFF#00')).to.deep.equal(new DataFrame(Extended, 0x1fffffff, bytes('00')));
  });

  it('reads CAN FD frames with BRS and ESI, and ignores the other two flag bits', () => {
    const flags = (digit: string): object => {
      const { fd, brs, esi } = parseFrame(`123##${digit}AABB`) as DataFrame;
      return { fd, brs, esi };
    };
    expect(flags('0')).to.deep.equal({ fd: true, brs: false, esi: false });
    expect(flags('1')).to.deep.equal({ fd: true, brs: true, esi: false });
    expect(flags('2')).to.deep.equal({ fd: true, brs: false, esi: true });
    expect(flags('5')).to.deep.equal({ fd: true, brs: true, esi: false });
    expect(flags('F')).to.deep.equal({ fd: true, brs: true, esi: true });
    expect(flags('8')).to.deep.equal({ fd: true, brs: false, esi: false });
  });

  it('reads remote frames with and without a length', () => {
    expect(parseFrame('123#R')).to.deep.equal(new RemoteFrame(Base, 0x123, 0));
    expect(parseFrame('123#R0')).to.deep.equal(new RemoteFrame(Base, 0x123, 0));
    expect(parseFrame('00000123#r8')).to.deep.equal(new RemoteFrame(Extended, 0x123, 8));
  });

  it('ignores the raw data length code of can-utils', () => {
    expect(parseFrame('123#1122334455667788_E').toString()).to.equal('123#1122334455667788');
    expect(parseFrame('123#R8_9').toString()).to.equal('123#R8');
  });

  it('reads dots in all places where can-utils does', () => {
    for (const text of ['123#11.22.33', '123#.11.22.33.', '123#1122.33', '123#11.2233.']) {
      expect(parseFrame(text).toString()).to.equal('123#112233');
    }
    expect(parseFrame('123##0.11.22').toString()).to.equal('123##01122');
  });

  const bad: readonly (readonly [text: string, rule: string])[] = [
    ['', '#'],
    ['123', '#'],
    ['#', '3 hex digits'],
    ['12#00', '3 hex digits'],
    ['1234#00', '3 hex digits'],
    ['123456789#00', '3 hex digits'],
    ['12G#00', '3 hex digits'],
    ['0x1#00', '3 hex digits'],
    [' 123#00', '3 hex digits'],
    ['-12#00', '3 hex digits'],
    ['800#00', '7FF'],
    ['20000004#0004000000000000', 'error frame'],
    ['40000000#00', '1FFFFFFF'],
    ['FFFFFFFF#00', '1FFFFFFF'],
    ['123#0', 'pairs'],
    ['123#0G', 'pairs'],
    ['123#00 ', 'pairs'],
    ['123#00\n', 'pairs'],
    ['123#0.0', 'pairs'],
    ['123#00..11', 'pairs'],
    ['123#001122334455667788', 'at most 8'],
    ['123#00_9', '_'],
    ['123#0011223344556677_8', '_'],
    ['123#0011223344556677_', '_'],
    ['123#0011223344556677_99', '_'],
    ['123#0011223344556677_\n', '_'],
    ['123##', 'flags'],
    ['123##G00', 'flags'],
    ['123##00', 'pairs'],
    ['123##0' + '00'.repeat(65), 'at most 64'],
    ['123#R9', 'R may be followed'],
    ['123#R44', 'R may be followed'],
    ['123#R4_9', 'R may be followed'],
    ['123#R8_8', 'R may be followed'],
    ['123#R#', 'R may be followed'],
  ];
  for (const [text, rule] of bad) {
    it(`rejects ${JSON.stringify(text.slice(0, 30))} and quotes the text and the rule`, () => {
      expectError(() => parseFrame(text), 'RangeError', CODE, JSON.stringify(text).slice(0, 30), rule);
    });
  }

  it('rejects CAN FD lengths that do not exist, which cansend pads', () => {
    expectError(() => parseFrame('123##1' + '00'.repeat(9)), 'RangeError', CODE, 'found 9', 'pad it by 3 to 12');
  });

  it('throws only its own errors for any text', () => {
    const chars = fc.constantFrom(...Array.from('0123456789abcdefABCDEFRr#._ \n()gGx'));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: chars }), fc.string()), fc.string(), (head, tail) => {
        for (const text of [head, `123#${head}`, `12345678##${head}${tail}`]) {
          try {
            parseFrame(text);
          } catch (error) {
            expect(error).to.be.instanceOf(RangeError);
            expect(error).to.have.property('code', CODE);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('shortens long texts in error messages', () => {
    try {
      parseFrame('x'.repeat(100_000));
      expect.fail('did not throw');
    } catch (error) {
      expect((error as Error).message)
        .to.have.length.below(300)
        .and.include('100000 characters');
    }
  });

  it('rejects a value that is not a string', () => {
    expectError(() => parseFrame(undefined as never), 'TypeError', CODE, 'undefined');
    expectError(() => parseFrame(Buffer.from('123#') as never), 'TypeError', CODE, 'string');
  });
});
