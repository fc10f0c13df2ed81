/** Adds up the drop counts that the kernel attaches to messages (SO_RXQ_OVFL). */
export class DropCounter {
  #total = 0;
  /** The last count that came with a message. */
  #last = 0;

  /** The number of messages that the kernel reported as dropped so far. */
  get total(): number {
    return this.#total;
  }

  /** A message had this count. The kernel counts modulo 2**32 and attaches no count while it is 0. */
  add(count: number): void {
    if (count === 0 || count === this.#last) return;
    this.#total += (count - this.#last) >>> 0;
    this.#last = count;
  }

  /** The next messages come from a new socket, whose count starts at 0. */
  restart(): void {
    this.#last = 0;
  }
}
