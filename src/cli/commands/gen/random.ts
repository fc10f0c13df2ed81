/** Pseudo-random numbers from a seed: sfc32 of PractRand, with 128 bits of state. Not for cryptography. */
export class Random {
  #a: number;
  #b: number;
  #c = 0x9e3779b9;
  #counter = 1;

  /** @param seed an integer from 0 to 2**53 - 1 */
  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** Returns an integer from 0 to 2**32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Returns an integer from 0 to count - 1. */
  below(count: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * count);
  }
}
