import { expect } from 'chai';
import fc from 'fast-check';
import {
  formatRequest,
  parseAttributes,
  parseMessages,
  readString,
  readU16,
  readU32,
  readU64,
} from '../../src/libc/netlink';
import { attribute, netlinkMessage, u32 } from '../support/fakes/netlink';

const NESTED = 0x8000;

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

describe('parseAttributes', () => {
  it('returns attributes after padded ones, each with its own length', () => {
    const found = parseAttributes(join(attribute(3, Buffer.from('vcan0\0')), attribute(4, u32(72)), attribute(33)));
    expect([...found.keys()]).to.deep.equal([3, 4, 33]);
    expect(Buffer.from(found.get(3) ?? []).toString()).to.equal('vcan0\0');
    expect(readU32(found.get(4))).to.equal(72);
    expect(found.get(33)?.byteLength).to.equal(0);
  });

  it('removes NLA_F_NESTED and NLA_F_NET_BYTEORDER from the types', () => {
    const inner = attribute(1, Buffer.from('can\0'));
    const found = parseAttributes(join(attribute(18 | NESTED, inner), attribute(7 | 0x4000)));
    expect([...found.keys()]).to.deep.equal([18, 7]);
    expect([...parseAttributes(found.get(18)).keys()]).to.deep.equal([1]);
  });

  it('reads a part of a larger memory', () => {
    const all = join(new Uint8Array(7), attribute(4, u32(16)));
    expect(readU32(parseAttributes(all.subarray(7)).get(4))).to.equal(16);
  });

  it('returns the last attribute of a repeated type', () => {
    const found = parseAttributes(join(attribute(4, u32(16)), attribute(4, u32(72))));
    expect(readU32(found.get(4))).to.equal(72);
  });

  it("stops at a length below the header's or beyond the memory", () => {
    const first = attribute(4, u32(16));
    for (const length of [0, 1, 3, 13, 0xffff]) {
      const bad = attribute(5, u32(1));
      bad.set(new Uint8Array(new Uint16Array([length]).buffer));
      expect([...parseAttributes(join(first, bad)).keys()], `${length}`).to.deep.equal([4]);
    }
  });

  it('returns the complete attributes when the bytes are cut anywhere', () => {
    const lengths = [8, 4, 12];
    const all = join(attribute(1, u32(1)), attribute(2), attribute(3, u32(1, 2)));
    for (let end = 0; end <= all.byteLength; end++) {
      let at = 0;
      const whole = lengths.filter((length) => (at += length) <= end).length;
      expect(parseAttributes(all.subarray(0, end)).size, `${end}`).to.equal(whole);
    }
  });

  it('accepts a last attribute without padding', () => {
    const all = attribute(3, Buffer.from('x\0'));
    expect(parseAttributes(all.subarray(0, 6)).get(3)?.byteLength).to.equal(2);
  });

  it('never reads beyond any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        let sum = 0;
        for (const data of parseAttributes(bytes).values()) {
          expect(data.buffer).to.equal(bytes.buffer);
          sum += 4 + data.byteLength;
        }
        expect(sum).to.be.at.most(bytes.byteLength);
      }),
    );
  });
});

describe('parseMessages', () => {
  it('returns the messages of a datagram with their headers, without padding', () => {
    const datagram = join(netlinkMessage(16, new Uint8Array(5)), new Uint8Array(3), netlinkMessage(3, u32(0)));
    const found = [...parseMessages(datagram)];
    expect(found.map(({ type, complete, bytes }) => [type, complete, bytes.byteLength])).to.deep.equal([
      [16, true, 21],
      [3, true, 20],
    ]);
  });

  it('marks the last message as incomplete when it is cut', () => {
    const datagram = join(netlinkMessage(3, u32(0)), netlinkMessage(16, u32(1, 2, 3)));
    const found = [...parseMessages(datagram.subarray(0, 40))];
    expect(found.map(({ complete, bytes }) => [complete, bytes.byteLength])).to.deep.equal([
      [true, 20],
      [false, 20],
    ]);
    expect([...parseMessages(datagram.subarray(0, 35))]).to.have.length(1);
  });

  it('ends at a header with a length below its own size', () => {
    for (const length of [0, 4, 15]) {
      const bad = netlinkMessage(16);
      bad.set(u32(length));
      expect([...parseMessages(join(netlinkMessage(3), bad))], `${length}`).to.have.length(1);
    }
  });

  it('ends with any bytes, and never reads beyond them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        let sum = 0;
        for (const message of parseMessages(bytes)) sum += message.bytes.byteLength;
        expect(sum).to.be.at.most(bytes.byteLength);
      }),
    );
  });
});

describe('readU16, readU32 and readU64', () => {
  it('read in host order at any offset, and return undefined beyond the bytes', () => {
    const bytes = join(new Uint8Array(1), u32(0xfedc_ba98), new Uint8Array(2));
    expect(readU32(bytes, 1)).to.equal(0xfedc_ba98);
    expect(readU32(bytes, 4)).to.equal(undefined);
    expect(readU16(bytes, 5)).to.equal(0);
    expect(readU16(bytes, 6)).to.equal(undefined);
    const wide = new Uint8Array(new BigUint64Array([2n ** 40n + 1n]).buffer);
    expect(readU64(wide)).to.equal(2 ** 40 + 1);
    expect(readU64(wide, 1)).to.equal(undefined);
  });
});

describe('readString', () => {
  it('returns the text up to the first NUL', () => {
    expect(readString(Buffer.from('can0\0x'))).to.equal('can0');
    expect(readString(Buffer.from('can0'))).to.equal('can0');
  });

  it('returns undefined for missing bytes and an empty text', () => {
    expect([readString(undefined), readString(join()), readString(join(new Uint8Array(4)))]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('formatRequest', () => {
  it('returns a message that parseMessages reads back', () => {
    const bytes = formatRequest({ type: 18, flags: 0x301, sequence: 7 }, u32(1, 2));
    expect(bytes.byteLength).to.equal(24);
    const [message] = parseMessages(bytes);
    expect(message).to.include({ type: 18, flags: 0x301, sequence: 7, complete: true });
    expect(readU32(message?.bytes, 20)).to.equal(2);
  });
});
