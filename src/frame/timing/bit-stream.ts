/** Bits of one value in a row after which a stuff bit of the other value follows (ISO 11898-1:2015). */
const STUFF_RUN = 5;
/** x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1 without its highest term (ISO 11898-1:2015). */
const CRC15_POLYNOMIAL = 0x4599;
const CRC15_MASK = 0x7fff;

/**
 * Counts the bits of a frame as they go on the wire, stuff bits included, from SOF on (ISO 11898-1:2015:
 * bit stuffing, CRC). The bits themselves are not kept: nobody asks for them, only for how many there are.
 */
export class BitStream {
  #length = 0;
  #crc15 = 0;
  /** Recessive, as the bus is idle before SOF; a run of none, as no idle bit counts for stuffing. */
  #last = 1;
  #run = 0;

  /** Bits so far, with all stuff bits but a pending one. */
  get length(): number {
    return this.#length;
  }

  /**
   * True after five equal bits: a stuff bit is next. It is not in {@link length} before another bit is
   * put, for what follows decides: after the CRC sequence of a classic frame it is sent, after the data
   * field of a CAN FD frame the fixed stuff bit takes its place.
   */
  get stuffBitPending(): boolean {
    return this.#run === STUFF_RUN;
  }

  /**
   * CRC-15 of the bits so far, 0 to 0x7FFF, stuff bits left out. Of no meaning for CAN FD frames: their
   * CRCs include stuff bits, and change nothing in a frame's length.
   */
  get crc15(): number {
    return this.#crc15;
  }

  /** Appends the lowest `width` (0 to 32) bits of an integer from 0 to 2**32 - 1, highest first. */
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
