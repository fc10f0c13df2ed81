import { LITTLE_ENDIAN, Memory } from '../libc/memory';

/*
 * One record, 120 bytes, a multiple of 8:
 *
 *   0  struct can_frame or canfd_frame as received   72
 *  72  room for what can follow it (see ./trailer)    8
 *  80  bytes of the frame (16 or 72; others:          4
 *      malformed; 0: no frame, to be skipped)
 *  84  msg_flags of recvmsg(2)                        4
 *  88  system time, ns since 1970, signed             8
 *  96  monotonic time, ns, signed                     8
 * 104  packets the kernel had dropped by then         4  (SO_RXQ_OVFL: cumulative, wraps at 2**32)
 * 108  unused                                         4
 * 112  the controller's time, ns by its own clock,    8
 *      0: none
 */
export const RECORD = {
  size: 120,
  frame: 0,
  /** What is received into: the frame and its trailer. */
  packetSize: 80,
  length: 80,
  flags: 84,
  system: 88,
  monotonic: 96,
  drops: 104,
  hardware: 112,
} as const;

type TimeField = typeof RECORD.system | typeof RECORD.monotonic | typeof RECORD.hardware;

/** Head and tail lie on cache lines of their own: each is written by one side and read by the other. */
const HEAD = 0;
const TAIL = 16;
const STALLED = 17;
const HEADER_SIZE = 128;

/**
 * A ring of frame records in shared memory, between the one thread that receives and the one that
 * consumes. It is granular by frame. Head and tail count records for ever, modulo 2**32.
 *
 * Nothing here waits: a full ring is the producer's to leave alone ({@link Ring.stall}), and the
 * kernel's buffer, which counts what it loses, takes over.
 */
export class Ring {
  readonly memory: Memory;
  readonly slots: number;
  readonly #control: Int32Array;
  readonly #times: BigInt64Array;
  readonly #mask: number;

  private constructor(shared: SharedArrayBuffer) {
    this.memory = new Memory(shared);
    this.#control = new Int32Array(shared, 0, HEADER_SIZE / 4);
    this.#times = new BigInt64Array(shared);
    this.slots = Math.floor((shared.byteLength - HEADER_SIZE) / RECORD.size);
    this.#mask = this.slots - 1;
  }

  /** @param slots how many frames it holds, a power of two */
  static create(slots: number): Ring {
    return new Ring(new SharedArrayBuffer(HEADER_SIZE + slots * RECORD.size));
  }

  /** The other thread's view of a ring. */
  static attach(shared: SharedArrayBuffer): Ring {
    return new Ring(shared);
  }

  get shared(): SharedArrayBuffer {
    return this.memory.words.buffer as SharedArrayBuffer;
  }

  /** Where a slot's record begins, in bytes from the memory's start. */
  static offset(slot: number): number {
    return HEADER_SIZE + slot * RECORD.size;
  }

  /** Records published so far, modulo 2**32. */
  get produced(): number {
    return Atomics.load(this.#control, TAIL);
  }

  /** Records given back so far, modulo 2**32. */
  get consumed(): number {
    return Atomics.load(this.#control, HEAD);
  }

  /** Records waiting to be consumed. */
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

  /** Consumer: the oldest record's slot. */
  get headSlot(): number {
    return Atomics.load(this.#control, HEAD) & this.#mask;
  }

  /** Consumer: the slot after this one. */
  after(slot: number): number {
    return (slot + 1) & this.#mask;
  }

  /** Consumer: gives `count` of the oldest records back. */
  release(count: number): void {
    Atomics.add(this.#control, HEAD, count);
  }

  /**
   * Producer: says that it has stopped for want of room. False when room has appeared meanwhile, in
   * which case it has not stopped: without this second look the consumer could have emptied the
   * ring just before the flag was up, and nobody would start again.
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

  /** Consumer: ends a stall once half the ring is free; true when the producer must be woken. */
  resume(): boolean {
    return (
      Atomics.load(this.#control, STALLED) === 1 &&
      this.free >= this.slots >>> 1 &&
      Atomics.compareExchange(this.#control, STALLED, 1, 0) === 1
    );
  }

  /** Consumer: the time at `field` of the record that begins at `offset`, in ns. */
  time(offset: number, field: TimeField): bigint {
    return this.#times[(offset + field) >>> 3] as bigint;
  }

  /** Producer: writes a time given in whole seconds and ns, without making a bigint. */
  setTime(offset: number, field: TimeField, sec: number, nsec: number): void {
    const low = (Math.imul(sec, 1_000_000_000) + nsec) >>> 0;
    // The double is off by less than 2**12, the low half is exact: so the high half is, rounded.
    const high = Math.round((sec * 1e9 + nsec - low) / 0x1_0000_0000);
    const at = (offset + field) >>> 2;
    this.memory.words[at] = LITTLE_ENDIAN ? low : high;
    this.memory.words[at + 1] = LITTLE_ENDIAN ? high : low;
  }
}
