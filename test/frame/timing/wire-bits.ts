import * as fc from 'fast-check';
import { parseFrame } from '../../../src/frame/frame-text';
import { DataFrame } from '../../../src/frame/data-frame';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { Base, LENGTHS, address, remoteFrame } from '../support';

export type WireFrame = DataFrame | RemoteFrame;

/** Bytes, those with long runs more often than by chance, so that frames have stuff bits. */
const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 0xff, 0x1f, 0xf8, 0x0f, 0x83, 0x7c, 0x3c));

function dataFrames(lengths: readonly number[], fd: boolean): fc.Arbitrary<DataFrame> {
  const data = fc.constantFrom(...lengths).chain((length) => fc.array(byte, { minLength: length, maxLength: length }));
  return fc
    .tuple(address, data, fc.boolean(), fc.boolean())
    .map(
      ([a, bytes, brs, esi]) =>
        new DataFrame(a.format, a.identifier, Uint8Array.from(bytes), fd ? { fd, brs, esi } : { fd }),
    );
}

export const classic: fc.Arbitrary<WireFrame> = fc.oneof(dataFrames(LENGTHS.slice(0, 9), false), remoteFrame);
export const fd = dataFrames(LENGTHS, true);
export const any: fc.Arbitrary<WireFrame> = fc.oneof(classic, fd);

export function frame(text: string): WireFrame {
  return parseFrame(text);
}

// A second implementation, in strings of '0' and '1', which shares no code with the tested one.

const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0');

export function arbitrationField(f: WireFrame): string {
  const id = binary(f.identifier, f.format);
  const rtr = f instanceof RemoteFrame ? '1' : '0';
  return f.format === Base ? `${id}${rtr}0` : `${id.slice(0, 11)}11${id.slice(11)}${rtr}`;
}

export function payload(f: WireFrame): string {
  return f instanceof DataFrame ? Array.from(f.data, (b) => binary(b, 8)).join('') : '';
}

/** Remainder of the long division by x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1. */
function crc15(bits: string): string {
  const work = Array.from(`${bits}${'0'.repeat(15)}`, Number);
  const divisor = Array.from('1100010110011001', Number);
  for (let at = 0; at < bits.length; at++) {
    if (work[at] === 1) divisor.forEach((bit, i) => ((work[at + i] as number) ^= bit));
  }
  return work.slice(bits.length).join('');
}

function stuffed(bits: string): string {
  let result = '';
  for (const bit of bits) {
    result += bit;
    if (result.endsWith('00000')) result += '1';
    else if (result.endsWith('11111')) result += '0';
  }
  return result;
}

export function classicLength(f: WireFrame): number {
  const reserved = f.format === Base ? '0' : '00';
  const bits = `0${arbitrationField(f)}${reserved}${binary(f.dlc, 4)}${payload(f)}`;
  return stuffed(bits + crc15(bits)).length + 13;
}

export function fdLength(f: DataFrame): number {
  const control = `10${f.brs ? '1' : '0'}${f.esi ? '1' : '0'}${binary(f.dlc, 4)}`;
  const bits = `0${arbitrationField(f)}${control}${payload(f)}`;
  const dynamic = stuffed(bits);
  // The fixed stuff bit replaces a stuff bit after the last bit.
  const pending = dynamic.length > stuffed(bits.slice(0, -1)).length + 1 ? 1 : 0;
  return dynamic.length - pending + (f.data.length <= 16 ? 27 : 32) + 13;
}
