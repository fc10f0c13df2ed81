/** After this number of equal bits, a stuff bit with the opposite value follows (ISO 11898-1:2015). */
const STUFF_RUN = 5;
/** x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1, without the highest term (ISO 11898-1:2015). */
const CRC15_POLYNOMIAL = 0x4599;
const CRC15_MASK = 0x7fff;

/** Counts the bits of a frame on the wire from SOF, including stuff bits, and computes its CRC (ISO 11898-1:2015). */
export class BitStream {
  #length = 0;
  #crc15 = 0;
  /** The last bit, and the number of equal bits up to it. The idle bus is recessive and does not count as a run. */
  #last = 1;
  #run = 0;

  /** Number of bits so far, with all stuff bits except a pending one. */
  get length(): number {
    return this.#length;
  }

  /**
   * True after five equal bits, when a stuff bit is due. {@link length} includes it after the next bit, because the
   * next field decides: after the CRC sequence of a classic frame the stuff bit is sent, but after the data field of a
   * CAN FD frame the first fixed stuff bit replaces it.
   */
  get stuffBitPending(): boolean {
    return this.#run === STUFF_RUN;
  }

  /**
   * CRC-15 of the bits so far without stuff bits, 0 to 0x7FFF. Not valid for CAN FD frames: their CRC includes stuff
   * bits, and its value does not affect the length of the frame.
   */
  get crc15(): number {
    return this.#crc15;
  }

  /** Appends the lowest `width` bits (0 to 32) of an integer from 0 to 2**32 - 1, highest bit first. */
  put(value: number, width: number): void {
    for (let at = width - 1; at >= 0; at--) this.#putBit((value >>> at) & 1);
  }

  #putBit(bit: number): void {
    if (this.#run === STUFF_RUN) {
      this.#length++;
      this.#last ^= 1;
      this.#run = 1;
    }
    this.#length++;
    if (bit === this.#last) {
      this.#run++;
    } else {
      this.#last = bit;
      this.#run = 1;
    }
    const feedback = (this.#crc15 >>> 14) ^ bit;
    this.#crc15 = ((this.#crc15 << 1) & CRC15_MASK) ^ (feedback === 1 ? CRC15_POLYNOMIAL : 0);
  }
}
