import { address } from 'koffi';
import { LITTLE_ENDIAN } from './endian';
import { host } from './layouts';

/** Bytes of a pointer, of size_t and of long on this machine: 4 or 8. */
export const WORD = host.cmsghdr.offset.cmsg_level;

/**
 * Memory for structs the kernel reads and writes. The address is taken once; it stays right as long
 * as this object is referenced, and not a moment longer (a Buffer's memory does not move, but an
 * address in a msghdr keeps nothing alive).
 */
export class Memory {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly address: bigint;

  /** @param from a size in bytes, or memory to look at: its start must be 8-byte aligned */
  constructor(from: number | SharedArrayBuffer) {
    const buffer = typeof from === 'number' ? new ArrayBuffer(roundUp(from)) : from;
    this.bytes = Buffer.from(buffer as ArrayBuffer);
    this.words = new Uint32Array(buffer);
    this.address = address(this.bytes);
  }

  /** Writes a word as wide as a pointer (an address, a size_t) in host order. */
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

  /** Writes a size_t below 2**32, without making a bigint. */
  setSize(offset: number, value: number): void {
    const at = offset >>> 2;
    if (WORD === 4) this.words[at] = value;
    else {
      this.words[at] = LITTLE_ENDIAN ? value : 0;
      this.words[at + 1] = LITTLE_ENDIAN ? 0 : value;
    }
  }

  /** Reads a size_t below 2**32 (of a larger one, the low half). */
  getSize(offset: number): number {
    return this.words[(offset >>> 2) + (WORD === 8 && !LITTLE_ENDIAN ? 1 : 0)] ?? 0;
  }
}

function roundUp(size: number): number {
  return Math.ceil(size / 8) * 8;
}
