import { expect } from 'chai';
import * as fc from 'fast-check';
import { frameBits, frameTimeNs } from '../../../src/frame/timing/frame-time';
import { Base } from '../support';
import { any, classic, classicLength, fd, fdLength, frame, payload, type WireFrame } from './wire-bits';

/** Number of bits of a classic frame that take part in stuffing: SOF to CRC sequence. */
function stuffedPart(f: WireFrame): number {
  return (f.format === Base ? 34 : 54) + payload(f).length;
}

describe('frameBits of classic frames', () => {
  it('counts 108 bits and 3 of intermission for a base frame of 8 bytes without stuff bits', () => {
    expect(frameBits(frame('555#5555555555555509'))).to.deep.equal({ nominal: 111, data: 0 });
  });

  it('counts 20 bits more for an extended identifier', () => {
    expect(frameBits(frame('15555555#5555555555555509')).nominal).to.equal(131);
  });

  for (const [text, stuffBits, bits] of [
    // 34 bits, all dominant, the CRC too.
    ['000#', 6, '0 0000(1)00000(1)00 000(1) 0000 0(1)00000(1)00000(1)0000'],
    ['7FF#R', 3, '0 11111(0)11111(0)1 100 000(1)0 101010011101010'],
    ['000#00', 4, '0 0000(1)00000(1)00 000(1) 0001 00000(1)000 100010000100110'],
    ['00000000#', 7, '0 0000(1)00000(1)00 11 00000(1)00000(1)00000(1)000 00(1)0 0000(1) 100011000010000'],
    ['0E6#', 2, '0 00011100110 000 0(1)000 100111101011111(0)'],
  ] as const) {
    it(`counts ${stuffBits} stuff bits in ${text}: ${bits}`, () => {
      expect(bits.match(/\(/g)).to.have.length(stuffBits);
      const length = bits.replace(/[^01]/g, '').length;
      expect(frameBits(frame(text)).nominal).to.equal(length + 1 + 2 + 7 + 3);
    });
  }

  it('counts no data bits for remote frames, whatever their length', () => {
    expect(frameBits(frame('1FFFFFFF#R8')).nominal).to.equal(67 + 7);
  });

  it('counts at least no stuff bit, at most one after five bits and then after every four', () => {
    fc.assert(
      fc.property(classic, (f) => {
        const stuffBits = frameBits(f).nominal - stuffedPart(f) - 13;
        expect(stuffBits).to.be.within(0, Math.floor((stuffedPart(f) - 1) / 4));
      }),
    );
  });

  it('counts the bits of a frame built bit by bit, without bits at the data bit rate', () => {
    fc.assert(
      fc.property(classic, (f) => {
        expect(frameBits(f)).to.deep.equal({ nominal: classicLength(f), data: 0 });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('frameBits of CAN FD frames', () => {
  const fifties = (count: number): string => '55'.repeat(count);

  it('counts 27 bits of CRC field (CRC-17) up to 16 bytes, and 32 bits (CRC-21) above', () => {
    expect(frameBits(frame(`555##0${fifties(16)}`)).nominal).to.equal(22 + 128 + 27 + 13);
    expect(frameBits(frame(`555##0${fifties(20)}`)).nominal).to.equal(22 + 160 + 32 + 13);
  });

  it('counts 19 bits more for an extended identifier', () => {
    expect(frameBits(frame(`15555555##0${fifties(16)}`)).nominal).to.equal(41 + 128 + 27 + 13);
  });

  it('counts SOF to BRS and all bits after the CRC delimiter at the nominal bit rate', () => {
    expect(frameBits(frame(`555##1${fifties(16)}`))).to.deep.equal({
      nominal: 17 + 12,
      data: 1 + 4 + 128 + 27 + 1,
    });
    expect(frameBits(frame(`15555555##1${fifties(20)}`))).to.deep.equal({
      nominal: 36 + 12,
      data: 1 + 4 + 160 + 32 + 1,
    });
  });

  it('counts stuff bits of the identifier in the nominal part, those of the data in the data part', () => {
    // 0 0000(1)00000(1)00 00 101 | 0 0000, and then the fixed stuff bit
    expect(frameBits(frame('000##1'))).to.deep.equal({
      nominal: 17 + 2 + 12,
      data: 1 + 4 + 27 + 1,
    });
    // 0 0000(1)00000(1)00 00 101 | 0 0001 00000(1)000
    expect(frameBits(frame('000##100'))).to.deep.equal({
      nominal: 17 + 2 + 12,
      data: 1 + 4 + 8 + 1 + 27 + 1,
    });
  });

  it('counts the stuff bit of a run over BRS, ESI and DLC in the data part', () => {
    // 1 | 1 111(0)1 and 64 bytes 55
    expect(frameBits(frame(`555##3${fifties(64)}`))).to.deep.equal({
      nominal: 17 + 12,
      data: 1 + 4 + 1 + 512 + 32 + 1,
    });
  });

  it('replaces a stuff bit after the last data bit by the first fixed stuff bit', () => {
    // 0 0001 01011111, and 0 0001 00111110, where a bit of the data follows the run
    expect(frameBits(frame('555##15F')).data).to.equal(1 + 4 + 8 + 27 + 1);
    expect(frameBits(frame('555##13E')).data).to.equal(1 + 4 + 8 + 1 + 27 + 1);
  });

  it('counts the bits of a frame built bit by bit, with and without BRS', () => {
    fc.assert(
      fc.property(fd, (f) => {
        const { nominal, data } = frameBits(f);
        expect(nominal + data).to.equal(fdLength(f));
        if (!f.brs) expect(data).to.equal(0);
        else expect(nominal).to.be.within(29, f.format === Base ? 29 + 3 : 48 + 8);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('frameTimeNs', () => {
  it('returns 222 µs for 111 bits at 500 kbit/s', () => {
    expect(frameTimeNs(frame('555#5555555555555509'), 500_000)).to.equal(222_000);
  });

  it('adds the times of the nominal and the data part', () => {
    const f = frame(`555##1${'55'.repeat(16)}`);
    expect(frameTimeNs(f, 500_000, 2_000_000)).to.equal(29 * 2000 + 161 * 500);
    expect(frameTimeNs(f, 500_000)).to.equal(190 * 2000);
  });

  it('ignores the data bit rate of frames without BRS', () => {
    expect(frameTimeNs(frame('123#11'), 125_000, 8_000_000)).to.equal(frameTimeNs(frame('123#11'), 125_000));
  });

  it('rounds the exact sum up', () => {
    const bitrate = fc.integer({ min: 1, max: 67_000_000 });
    fc.assert(
      fc.property(any, bitrate, bitrate, (f, nominalRate, dataRate) => {
        const { nominal, data } = frameBits(f);
        const [n, d] = [BigInt(nominalRate), BigInt(dataRate)];
        const time = 1_000_000_000n * (BigInt(nominal) * d + BigInt(data) * n);
        const expected = (time + n * d - 1n) / (n * d);
        expect(BigInt(frameTimeNs(f, nominalRate, dataRate))).to.equal(expected);
      }),
    );
  });
});
