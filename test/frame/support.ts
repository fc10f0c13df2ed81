import { endianness } from 'node:os';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { FrameMemory } from '../../src/frame/codec';
import { DataFrame } from '../../src/frame/data-frame';
import { ErrorFrame } from '../../src/frame/error-frame';
import { FilterConfiguration } from '../../src/frame/filter-configuration';
import { FrameFormat } from '../../src/frame/format';
import { RemoteFrame } from '../../src/frame/remote-frame';

export const { Base, Extended } = FrameFormat;

export const LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** Bytes from hex. Ignores white space. */
export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
}

/**
 * A kernel struct from hex, in the byte order of a little-endian host. Only can_id, the first four
 * bytes, is wider than a byte, so a big-endian host reverses just those.
 */
export function struct(hex: string): Uint8Array {
  const image = bytes(hex);
  if (endianness() === 'BE') image.subarray(0, 4).reverse();
  return image;
}

/** Memory filled with 0xa5, shared or not. */
export function memory(size = 144, shared = false): FrameMemory {
  const buffer = shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size);
  const view = new Uint8Array(buffer).fill(0xa5);
  return { bytes: view, words: new Uint32Array(buffer) };
}

/** Memory that begins with these bytes, followed by 0xa5. */
export function memoryOf(image: Uint8Array): FrameMemory {
  const result = memory();
  result.bytes.set(image);
  return result;
}

/** Expects the call to throw an error of this class and code whose message contains all the words. */
export function expectError(
  call: () => unknown,
  type: 'RangeError' | 'TypeError',
  code: string,
  ...words: readonly string[]
): void {
  let error: unknown;
  try {
    call();
  } catch (caught) {
    error = caught;
  }
  expect(error).to.be.instanceOf(type === 'TypeError' ? TypeError : RangeError);
  expect(error).to.have.property('code', code);
  for (const word of words) expect((error as Error).message).to.include(word);
}

export const format = fc.constantFrom(Base, Extended);

/** A format and an identifier of that format. Limits occur more often than by chance. */
export const address = format.chain((bits) =>
  fc.record({
    format: fc.constant(bits),
    identifier: fc.oneof(fc.constantFrom(0, 1, 2 ** bits - 1, 2 ** (bits - 1)), fc.nat({ max: 2 ** bits - 1 })),
  }),
);

function payload(lengths: readonly number[]): fc.Arbitrary<Uint8Array> {
  return fc.constantFrom(...lengths).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
}

export const classicFrame = fc
  .tuple(address, payload(LENGTHS.slice(0, 9)))
  .map(([a, data]) => new DataFrame(a.format, a.identifier, data));

export const fdFrame = fc
  .tuple(address, payload(LENGTHS), fc.boolean(), fc.boolean())
  .map(([a, data, brs, esi]) => new DataFrame(a.format, a.identifier, data, { fd: true, brs, esi }));

export const dataFrame = fc.oneof(classicFrame, fdFrame);

export const remoteFrame = fc
  .tuple(address, fc.nat({ max: 8 }))
  .map(([a, length]) => new RemoteFrame(a.format, a.identifier, length));

export const errorFrame = fc
  .tuple(fc.oneof(fc.nat({ max: 0x3ff }), fc.nat({ max: 0x1fffffff })), fc.uint8Array({ minLength: 8, maxLength: 8 }))
  .map(([classMask, data]) => new ErrorFrame(classMask, data));

export const anyFrame = fc.oneof(dataFrame, remoteFrame, errorFrame);

export const filter = fc.constantFrom(Base, Extended, undefined).chain((bits) => {
  const most = 2 ** (bits ?? Extended) - 1;
  // Include masks of few or nearly all bits: with half of 29 bits set, no random frame passes.
  const mask = fc.oneof(
    fc.constantFrom(0, most),
    fc.nat({ max: most }),
    fc.nat({ max: 28 }).map((bit) => (2 ** bit) & most),
    fc.tuple(fc.nat({ max: most }), fc.nat({ max: most })).map(([a, b]) => a & b & (a >>> 7)),
  );
  return fc
    .tuple(fc.oneof(fc.nat({ max: most }), fc.nat({ max: 7 })), mask)
    .map(([id, bitsUsed]) => new FilterConfiguration(id, bitsUsed, bits));
});
