import { address, sizeof } from 'koffi';

/** Whether this machine stores the low byte first. The structs of the kernel are in host byte order. */
export const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The size of a pointer, size_t and long on this machine, in bytes: 4 or 8. */
const WORD = sizeof('size_t');

/**
 * Memory for structs that the kernel reads and writes. The address stays valid only while this object is referenced:
 * the memory of a Buffer does not move, but an address in a msghdr does not keep it alive.
 */
export class Memory {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly address: bigint;

  /** @param from a size in bytes, or existing memory whose start is 8-byte aligned */
  constructor(from: number | SharedArrayBuffer) {
    const buffer = typeof from === 'number' ? new ArrayBuffer(roundUp(from)) : from;
    this.bytes = Buffer.from(buffer as ArrayBuffer);
    this.words = new Uint32Array(buffer);
    this.address = address(this.bytes);
  }

  /** Writes a word as wide as a pointer (an address, a size_t) in host byte order. */
  setWord(offset: number, value: bigint): void {
    const at = offset >>> 2;
    const low = Number(value & 0xffff_ffffn);
    if (WORD === 4) this.words[at] = low;
    else {
      const high = Number(value >> 32n);
      this.words[at] = LITTLE_ENDIAN ? low : high;
      this.words[at + 1] = LITTLE_ENDIAN ? high : low;
    }
  }

  /** Writes a size_t below 2**32 without creating a bigint. */
  setSize(offset: number, value: number): void {
    const at = offset >>> 2;
    if (WORD === 4) this.words[at] = value;
    else {
      this.words[at] = LITTLE_ENDIAN ? value : 0;
      this.words[at + 1] = LITTLE_ENDIAN ? 0 : value;
    }
  }

  /** Reads a size_t below 2**32; of a larger one, the low half. */
  getSize(offset: number): number {
    return this.words[(offset >>> 2) + (WORD === 8 && !LITTLE_ENDIAN ? 1 : 0)] ?? 0;
  }
}

function roundUp(size: number): number {
  return Math.ceil(size / 8) * 8;
}
