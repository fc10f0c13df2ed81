import { LITTLE_ENDIAN, Memory } from '../libc/memory';
import { recordSize, type RecordLayout, type TimeField } from './record';

/** Head and tail are on separate cache lines: one side writes each of them, and the other side reads it. */
const HEAD = 0;
const TAIL = 16;
const STALLED = 17;
const HEADER_SIZE = 128;

/**
 * A ring of records in shared memory, between one thread that receives and one that consumes. Both sides can pass on
 * single records. Head and tail count records modulo 2**32.
 *
 * Neither side waits. When the ring is full, the producer stops ({@link Ring.stall}). Packets then stay in the
 * kernel's buffer, and the kernel counts those that it drops.
 */
export class Ring {
  readonly memory: Memory;
  readonly slots: number;
  readonly layout: RecordLayout;
  /** The size of one record, in bytes. A private field would make {@link offset} 3 ns slower per frame (measured). */
  readonly recordSize: number;
  readonly #control: Int32Array;
  readonly #times: BigInt64Array;
  readonly #mask: number;

  private constructor(shared: SharedArrayBuffer, layout: RecordLayout) {
    this.memory = new Memory(shared);
    this.layout = layout;
    this.recordSize = recordSize(layout);
    this.#control = new Int32Array(shared, 0, HEADER_SIZE / 4);
    this.#times = new BigInt64Array(shared);
    this.slots = Math.floor((shared.byteLength - HEADER_SIZE) / this.recordSize);
    this.#mask = this.slots - 1;
  }

  /** @param slots the number of records that it holds, a power of two */
  static create(slots: number, layout: RecordLayout): Ring {
    return new Ring(new SharedArrayBuffer(HEADER_SIZE + slots * recordSize(layout)), layout);
  }

  /** The other thread's view of a ring. The layout must be the same. */
  static attach(shared: SharedArrayBuffer, layout: RecordLayout): Ring {
    return new Ring(shared, layout);
  }

  get shared(): SharedArrayBuffer {
    return this.memory.words.buffer as SharedArrayBuffer;
  }

  /** Returns where the record of a slot begins, in bytes from the start of the memory. */
  offset(slot: number): number {
    return HEADER_SIZE + slot * this.recordSize;
  }

  /** Records published so far, modulo 2**32. */
  get produced(): number {
    return Atomics.load(this.#control, TAIL);
  }

  /** Records released so far, modulo 2**32. */
  get consumed(): number {
    return Atomics.load(this.#control, HEAD);
  }

  /** Records that wait for the consumer. */
  get available(): number {
    return (Atomics.load(this.#control, TAIL) - Atomics.load(this.#control, HEAD)) >>> 0;
  }

  get free(): number {
    return this.slots - this.available;
  }

  /** Producer: the slot to fill next. */
  get tailSlot(): number {
    return Atomics.load(this.#control, TAIL) & this.#mask;
  }

  /** Producer: makes `count` filled records visible to the consumer. */
  publish(count: number): void {
    Atomics.add(this.#control, TAIL, count);
  }

  /** Consumer: the slot of the oldest record. */
  get headSlot(): number {
    return Atomics.load(this.#control, HEAD) & this.#mask;
  }

  /** Consumer: the slot after this one. */
  after(slot: number): number {
    return (slot + 1) & this.#mask;
  }

  /** Consumer: returns the slots of the `count` oldest records to the producer. */
  release(count: number): void {
    Atomics.add(this.#control, HEAD, count);
  }

  /**
   * Producer: announces that it stops because the ring is full. Returns false if the consumer has released records
   * meanwhile: the producer goes on. Without this second check, the consumer could empty the ring just before the
   * flag is set, and nothing would start the producer again.
   */
  stall(): boolean {
    Atomics.store(this.#control, STALLED, 1);
    if (this.free === 0) return true;
    Atomics.store(this.#control, STALLED, 0);
    return false;
  }

  /** Producer: whether it is still stopped. */
  get stalled(): boolean {
    return Atomics.load(this.#control, STALLED) === 1;
  }

  /** Consumer: ends a stall when half of the ring is free. Returns true if the producer must be woken. */
  resume(): boolean {
    return (
      Atomics.load(this.#control, STALLED) === 1 &&
      this.free >= this.slots >>> 1 &&
      Atomics.compareExchange(this.#control, STALLED, 1, 0) === 1
    );
  }

  /** Consumer: reads a time of the record that begins at `offset`, in ns. */
  time(offset: number, field: TimeField): bigint {
    return this.#times[(offset + field) >>> 3] as bigint;
  }

  /** Producer: writes a time, given in whole seconds and ns, without creating a bigint. */
  setTime(offset: number, field: TimeField, sec: number, nsec: number): void {
    const low = (Math.imul(sec, 1_000_000_000) + nsec) >>> 0;
    // `sec * 1e9` exceeds 2**53 and is off by less than 2**12. `low` is exact, so rounding gives the exact high half.
    const high = Math.round((sec * 1e9 + nsec - low) / 0x1_0000_0000);
    const at = (offset + field) >>> 2;
    this.memory.words[at] = LITTLE_ENDIAN ? low : high;
    this.memory.words[at + 1] = LITTLE_ENDIAN ? high : low;
  }
}
