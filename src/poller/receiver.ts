import { clock_gettime } from '../libc/clock';
import { CLOCK_MONOTONIC, CLOCK_REALTIME, MSG_DONTWAIT, MSG_TRUNC } from '../libc/constants';
import { EAGAIN, ENODEV } from '../libc/errno';
import { host } from '../libc/layouts';
import { Memory } from '../libc/memory';
import { recvmmsg } from '../libc/message';
import { ANCILLARY_TRAILER } from './ancillary-trailer';
import { ClockOffset } from './clock-offset';
import { CONTROL_SIZE, ControlMessages } from './control-messages';
import { RECORD } from './record';
import type { Ring } from './ring';

/** Packets per recvmmsg(2). 64 cost one call and delay other sockets only briefly. */
export const BATCH = 64;

const MESSAGE = { size: host.mmsghdr.size, length: host.mmsghdr.offset.msg_len };
const { msg_iov, msg_iovlen, msg_control, msg_controllen, msg_flags } = host.msghdr.offset;

/** The system calls of a receiver. Tests replace them. */
export const receiverCalls = {
  recvmmsg,
  /** Node.js reads the monotonic clock at half the cost of a foreign call. */
  clock_gettime: (clock: typeof CLOCK_REALTIME | typeof CLOCK_MONOTONIC): bigint =>
    clock === CLOCK_MONOTONIC ? process.hrtime.bigint() : clock_gettime(clock),
};

/**
 * Receives from one socket straight into a ring. The headers are written once: header i always belongs to slot i of
 * the ring. After a batch, only the lengths that the kernel has overwritten are set again.
 */
export class Receiver {
  /** After {@link receive}: whether the socket had fewer packets than there was room for. */
  drained = false;
  readonly #fd: number;
  readonly #ring: Ring;
  readonly #calls: typeof receiverCalls;
  readonly #headers: Memory;
  readonly #vectors: Memory;
  readonly #control = new ControlMessages(BATCH);
  readonly #clock: ClockOffset;
  /** A copy of the layout's, for the loop over the packets. */
  readonly #trailer: boolean;
  /** Error numbers that arrived in trailers, to be returned by the next calls. */
  readonly #errors: number[] = [];
  /** Lower bound for the receive time of every packet still to be read (monotonic ns). */
  #since: bigint;

  /**
   * @param sinceNs a monotonic time in ns before which the socket cannot have received anything
   * @param clock the clock offset; sockets that share it agree on when a packet arrived
   */
  constructor(fd: number, ring: Ring, sinceNs: bigint, calls = receiverCalls, clock = new ClockOffset()) {
    this.#fd = fd;
    this.#ring = ring;
    this.#trailer = ring.layout.trailer;
    this.#since = sinceNs;
    this.#calls = calls;
    this.#clock = clock;
    this.#headers = new Memory(ring.slots * MESSAGE.size);
    this.#vectors = new Memory(ring.slots * host.iovec.size);
    for (let slot = 0; slot < ring.slots; slot++) this.#writeHeader(slot);
  }

  /** Whether {@link receive} returns an error that has arrived already. */
  get hasError(): boolean {
    return this.#errors.length > 0;
  }

  /**
   * Receives one batch without waiting. The ring must not be full. Returns the number of packets that it put into
   * the ring, or a negative error number: -EAGAIN if the socket is empty, -ENODEV if the other end of a local socket
   * was closed.
   */
  receive(): number {
    const error = this.#errors.shift();
    if (error !== undefined) return -error;
    const first = this.#ring.tailSlot;
    const count = Math.min(BATCH, this.#ring.free, this.#ring.slots - first);
    const before = this.#calls.clock_gettime(CLOCK_MONOTONIC);
    const received = this.#calls.recvmmsg(this.#fd, this.#headers, first, count, MSG_DONTWAIT);
    if (received > 0 && this.#isEnd(first)) {
      this.#resetControl(first, received);
      return -ENODEV;
    }
    if (received > 0) {
      const real = this.#calls.clock_gettime(CLOCK_REALTIME);
      const now = this.#calls.clock_gettime(CLOCK_MONOTONIC);
      this.#completeRecords(first, received, now, now + this.#clock.sample(before, real, now));
      this.#ring.publish(received);
    }
    const drained = received < count;
    this.drained = drained && this.#errors.length === 0;
    if (drained && (received > 0 || received === -EAGAIN) && before > this.#since) {
      this.#since = before;
    }
    return received;
  }

  /** Points the header of a slot to its packet and to a control area. */
  #writeHeader(slot: number): void {
    const { layout, memory } = this.#ring;
    const vector = slot * host.iovec.size;
    const packet = BigInt(this.#ring.offset(slot) + RECORD.packet);
    this.#vectors.setWord(vector + host.iovec.offset.iov_base, memory.address + packet);
    this.#vectors.setSize(vector + host.iovec.offset.iov_len, layout.packetSize);
    const header = slot * MESSAGE.size;
    this.#headers.setWord(header + msg_iov, this.#vectors.address + BigInt(vector));
    this.#headers.setSize(header + msg_iovlen, 1);
    this.#headers.setWord(header + msg_control, this.#control.address(slot % BATCH));
    this.#headers.setSize(header + msg_controllen, CONTROL_SIZE);
  }

  /**
   * Completes the records of a batch.
   *
   * The monotonic time of a packet is `now` minus its age by the system clock. Its age is limited to at most the age
   * of the packet before it, and at least 0. The age of the first is at most the time since the socket was last
   * empty. So the monotonic time never decreases, and setting the system clock changes it within these limits only.
   */
  #completeRecords(first: number, count: number, now: bigint, realNow: bigint): void {
    const ring = this.#ring;
    const control = this.#control;
    const { words } = ring.memory;
    const headers = this.#headers.words;
    const nowSec = Number(now / 1_000_000_000n);
    const nowNsec = Number(now % 1_000_000_000n);
    const realSec = Number(realNow / 1_000_000_000n);
    const realNsec = Number(realNow % 1_000_000_000n);
    let oldest = Number(now - this.#since);

    for (let slot = first; slot < first + count; slot++) {
      const header = slot * MESSAGE.size;
      const record = ring.offset(slot);
      control.read(slot % BATCH, this.#headers.getSize(header + msg_controllen), realSec, realNsec);
      const age = (realSec - control.sec) * 1e9 + (realNsec - control.nsec);
      oldest = Math.max(0, Math.min(age, oldest));
      // Whole seconds to move from `nowSec` to `nowNsec`, so that the ns stay at 0 or above after the subtraction.
      const borrow = Math.ceil((oldest - nowNsec) / 1e9);
      ring.setTime(record, RECORD.system, control.sec, control.nsec);
      ring.setTime(record, RECORD.hardware, control.hardwareSec, control.hardwareNsec);
      ring.setTime(record, RECORD.monotonic, nowSec - borrow, nowNsec + borrow * 1e9 - oldest);
      const length = headers[(header + MESSAGE.length) >>> 2] as number;
      words[(record + RECORD.length) >>> 2] = length;
      const flags = headers[(header + msg_flags) >>> 2] as number;
      words[(record + RECORD.flags) >>> 2] = flags;
      words[(record + RECORD.drops) >>> 2] = control.drops;
      if (this.#trailer && (flags & MSG_TRUNC) === 0) this.#readTrailer(record, length - ANCILLARY_TRAILER.size);
    }
    this.#resetControl(first, count);
    this.#since = now - BigInt(oldest);
  }

  /**
   * Whether the other end was closed: then a local socket returns empty packets forever. Packets of a local socket
   * have a trailer and are never empty, but other sockets can receive an empty message.
   */
  #isEnd(slot: number): boolean {
    return this.#trailer && this.#headers.words[(slot * MESSAGE.size + MESSAGE.length) >>> 2] === 0;
  }

  /** Sets msg_controllen to the size of the control area again: the kernel has replaced it by what it used. */
  #resetControl(first: number, count: number): void {
    for (let slot = first; slot < first + count; slot++) {
      this.#headers.setSize(slot * MESSAGE.size + msg_controllen, CONTROL_SIZE);
    }
  }

  /** @param length bytes of the packet before its trailer */
  #readTrailer(record: number, length: number): void {
    if (length < 0) return;
    const { words } = this.#ring.memory;
    const at = record + RECORD.packet + length;
    const flags = words[(at + ANCILLARY_TRAILER.flags) >>> 2] as number;
    const value = words[(at + ANCILLARY_TRAILER.value) >>> 2] as number;
    words[(record + RECORD.length) >>> 2] = length;
    if (flags === ANCILLARY_TRAILER.error) {
      // A kernel socket has one pending error. Many in a row would look like a broken socket.
      if (!this.#errors.includes(value)) this.#errors.push(value);
    } else {
      const flagged = (record + RECORD.flags) >>> 2;
      words[flagged] = (words[flagged] as number) | flags;
      words[(record + RECORD.drops) >>> 2] = value;
    }
  }
}
