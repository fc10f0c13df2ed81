import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseFrame } from '../../src/frame/frame-text';
import { decodeFrame, encodeFrame, rawIdentifier } from '../../src/frame/codec';
import { DataFrame } from '../../src/frame/data-frame';
import { ErrorFrame } from '../../src/frame/error-frame';
import type { Frame } from '../../src/frame/frame';
import { RemoteFrame } from '../../src/frame/remote-frame';
import { Base, Extended, LENGTHS, anyFrame, bytes, memory, memoryOf, struct } from './support';

/** The bytes that `write` writes. Checks that the bytes around them stay the same. */
function encoded(write: (image: ReturnType<typeof memory>, offset: number) => number): Uint8Array {
  const image = memory(240, true);
  const size = write(image, 80);
  expect([...image.bytes.subarray(0, 80)].every((byte) => byte === 0xa5)).to.equal(true);
  expect([...image.bytes.subarray(80 + size)].every((byte) => byte === 0xa5)).to.equal(true);
  return image.bytes.slice(80, 80 + size);
}
const encode = (frame: Frame): string => hex(encoded((image, at) => encodeFrame(frame, image, at)));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const decode = (image: Uint8Array): Frame | undefined => decodeFrame(memoryOf(image), 0, image.length);

// prettier-ignore
const IMAGES = {
  //        can_id      len fl res   data
  classic: '23 01 00 00 04 00 00 00  DE AD BE EF 00 00 00 00',
  ext:     'FE C0 AD 9B 01 00 00 00  AA 00 00 00 00 00 00 00',
  remote:  '23 01 00 40 04 00 00 00  00 00 00 00 00 00 00 00',
  extRTR:  '23 01 00 C0 00 00 00 00  00 00 00 00 00 00 00 00',
  error:   '04 02 00 20 08 00 00 00  00 30 00 00 00 00 80 81',
  fd:      'FE C0 AD 9B 02 01 00 00  AA BB ' + '00'.repeat(62),
  fd12:    'FF 07 00 00 0C 03 00 00  01 02 03 04 05 06 07 08 09 0A 0B 0C ' + '00'.repeat(52),
  fd0:     '23 01 00 00 00 00 00 00  ' + '00'.repeat(64),
};

const VECTORS: readonly (readonly [name: string, image: string, frame: Frame])[] = [
  ['a classic base frame', IMAGES.classic, parseFrame('123#DEADBEEF')],
  ['a classic extended frame', IMAGES.ext, parseFrame('1BADC0FE#AA')],
  ['a base remote frame', IMAGES.remote, new RemoteFrame(Base, 0x123, 4)],
  ['an extended remote frame', IMAGES.extRTR, new RemoteFrame(Extended, 0x123)],
  ['an error frame', IMAGES.error, new ErrorFrame(0x204, bytes('0030000000008081'))],
  ['a CAN FD frame with BRS', IMAGES.fd, parseFrame('1BADC0FE##1AABB')],
  ['a CAN FD frame with BRS and ESI', IMAGES.fd12, parseFrame('7FF##30102030405060708090A0B0C')],
  ['an empty CAN FD frame', IMAGES.fd0, parseFrame('123##0')],
];

describe('encodeFrame', () => {
  for (const [name, image, frame] of VECTORS) {
    it(`writes ${name} over any previous bytes`, () => {
      expect(encode(frame)).to.equal(hex(struct(image)));
    });
  }

  it('returns the size of the struct in bytes', () => {
    expect(encodeFrame(parseFrame('123#'), memory(), 0)).to.equal(16);
    expect(encodeFrame(parseFrame('123#R'), memory(), 0)).to.equal(16);
    expect(encodeFrame(new ErrorFrame(1, new Uint8Array(8)), memory(), 0)).to.equal(16);
    expect(encodeFrame(parseFrame('123##0'), memory(), 0)).to.equal(72);
  });
});

describe('decodeFrame', () => {
  for (const [name, image, frame] of VECTORS) {
    it(`reads ${name}`, () => {
      const decoded = decode(struct(image));
      expect(decoded).to.deep.equal(frame);
      expect(decoded?.constructor).to.equal(frame.constructor);
    });
  }

  it('reads back what encodeFrame writes, at any offset, also in shared memory', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat({ max: 18 }), fc.boolean(), (frame, word, shared) => {
        const image = memory(144, shared);
        const size = encodeFrame(frame, image, word * 4);
        expect(decodeFrame(image, word * 4, size)).to.deep.equal(frame);
      }),
      { numRuns: 2000 },
    );
  });

  it('copies the data of data frames', () => {
    const image = memoryOf(struct(IMAGES.classic));
    const frame = decodeFrame(image, 0, 16) as DataFrame;
    image.bytes.fill(0);
    expect(frame.toString()).to.equal('123#DEADBEEF');
  });

  it('copies the data of error frames', () => {
    const image = memoryOf(struct(IMAGES.error));
    const frame = decodeFrame(image, 0, 16) as ErrorFrame;
    image.bytes.fill(0);
    expect([...frame.raw.data]).to.deep.equal([...bytes('0030000000008081')]);
  });

  it('ignores padding, reserved bytes, len8_dlc and unknown flags', () => {
    //                           can_id      len fl res    data
    expect(String(decode(struct('23 01 00 00 02 FF AA 0F  DE AD FF FF FF FF FF FF')))).to.equal('123#DEAD');
    expect(String(decode(struct('23 01 00 00 08 FF AA 0F  01 02 03 04 05 06 07 08')))).to.equal('123#0102030405060708');
    expect(String(decode(struct('23 01 00 40 08 FF AA 0F  01 02 03 04 05 06 07 08')))).to.equal('123#R8');
    expect(String(decode(struct('23 01 00 00 01 FC AA BB' + 'CC'.repeat(64))))).to.equal('123##0CC');
    expect(String(decode(struct('23 01 00 00 01 FF AA BB' + 'CC'.repeat(64))))).to.equal('123##3CC');
  });

  it('reads an error frame with any other flags', () => {
    const frame = decode(struct('04 02 00 E0 08 00 00 00 00 30 00 00 00 00 80 81'));
    expect(frame).to.deep.equal(new ErrorFrame(0x204, bytes('0030000000008081')));
  });

  it('pads a short error frame with zeros', () => {
    const frame = decode(struct('04 00 00 20 02 00 00 00 00 10 FF FF FF FF FF FF'));
    expect(frame).to.deep.equal(new ErrorFrame(4, bytes('0010000000000000')));
  });

  it('returns undefined for a struct can_frame with more than 8 bytes', () => {
    for (let length = 0; length < 256; length++) {
      for (const flags of [0, 0x40, 0x20]) {
        const image = struct('23 01 00 00' + '00'.repeat(12));
        image[4] = length;
        const memoryWith = memoryOf(image);
        memoryWith.words[0] = (0x123 | (flags << 24)) >>> 0;
        expect(decodeFrame(memoryWith, 0, 16) !== undefined).to.equal(length <= 8);
      }
    }
  });

  it('returns undefined for a struct canfd_frame whose length CAN FD lacks', () => {
    for (let length = 0; length < 256; length++) {
      const image = struct(IMAGES.fd0);
      image[4] = length;
      const frame = decode(image) as DataFrame | undefined;
      expect(frame?.data.length).to.equal(LENGTHS.includes(length) ? length : undefined);
    }
  });

  it('returns undefined for a base frame with an identifier above 0x7FF', () => {
    for (const id of ['00 08 00 00', 'FF FF FF 1F', '00 08 00 40', '00 00 00 10']) {
      expect(decode(struct(id + '00'.repeat(12)))).to.equal(undefined);
    }
    expect(decode(struct('00 08 00 00' + '00'.repeat(68)))).to.equal(undefined);
    expect(String(decode(struct('FF 07 00 00' + '00'.repeat(12))))).to.equal('7FF#');
  });

  it('returns undefined for remote and error frames in a struct canfd_frame', () => {
    expect(decode(struct('23 01 00 40' + '00'.repeat(68)))).to.equal(undefined);
    expect(decode(struct('23 01 00 20 08' + '00'.repeat(67)))).to.equal(undefined);
  });

  it('returns undefined for structs of other sizes', () => {
    const image = memoryOf(struct(IMAGES.classic));
    for (let length = 0; length <= 144; length++) {
      if (length !== 16 && length !== 72) expect(decodeFrame(image, 0, length)).to.equal(undefined);
    }
  });

  it('never throws, and returns only valid frames, for any bytes', () => {
    const image = fc.uint8Array({ minLength: 72, maxLength: 72 });
    const likely = fc.tuple(image, fc.nat({ max: 64 })).map(([bytesOfIt, length]) => {
      bytesOfIt[4] = length;
      return bytesOfIt;
    });
    fc.assert(
      fc.property(fc.oneof(image, likely), fc.constantFrom(16, 72, 0, 71), (data, length) => {
        const frame = decodeFrame(memoryOf(data), 0, length);
        if (frame === undefined) return;
        // A frame that encodes and decodes again has only values that the constructors accept.
        const again = memory();
        expect(encodeFrame(frame, again, 0)).to.equal(length);
        expect(decodeFrame(again, 0, length)).to.deep.equal(frame);
        if (frame instanceof DataFrame) {
          const { format, identifier, fd, brs, esi } = frame;
          expect(new DataFrame(format, identifier, frame.data, { fd, brs, esi })).to.deep.equal(frame);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('rawIdentifier', () => {
  it('returns can_id with its flags, unsigned', () => {
    expect(rawIdentifier(memoryOf(struct(IMAGES.ext)), 0)).to.equal(0x9badc0fe);
    expect(rawIdentifier(memoryOf(struct(IMAGES.extRTR)), 0)).to.equal(0xc0000123);
    const second = memory();
    second.bytes.set(struct(IMAGES.classic), 72);
    expect(rawIdentifier(second, 72)).to.equal(0x123);
  });
});
