import { clock_gettime } from '../libc/clock';
import { CMSG_SPACE, ControlWalk } from '../libc/cmsg';
import {
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SO_RXQ_OVFL,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SOL_SOCKET,
} from '../libc/constants';
import { LITTLE_ENDIAN, Memory } from '../libc/memory';
import { EAGAIN, ENODEV } from '../libc/errno';
import { host } from '../libc/layouts';
import { recvmmsg } from '../libc/message';
import { ClockOffset } from './clock-offset';
import { RECORD, Ring } from './ring';
import { isTrailed, TRAILER } from './trailer';

/** Frames a single recvmmsg(2) may bring: 64 of them cost one call, and hold up no other socket for long. */
export const BATCH = 64;

/** Room for a time stamp of any kind (three timespecs) and a drop count. */
const CONTROL_SIZE = CMSG_SPACE(48) + CMSG_SPACE(4);

const MESSAGE = { size: host.mmsghdr.size, length: host.mmsghdr.offset.msg_len };
const { msg_iov, msg_iovlen, msg_control, msg_controllen, msg_flags } = host.msghdr.offset;

/** The system calls a receiver makes; tests put others in their place. */
export const receiverCalls = {
  recvmmsg,
  /** Node reads the monotonic clock itself, at half the price of a foreign call. */
  clock_gettime: (clock: typeof CLOCK_REALTIME | typeof CLOCK_MONOTONIC): bigint =>
    clock === CLOCK_MONOTONIC ? process.hrtime.bigint() : clock_gettime(clock),
};

/**
 * Receives from one socket straight into a ring. All headers are laid once: header i belongs to
 * slot i of the ring for ever, and after a batch only the lengths the kernel has overwritten are
 * set anew.
 */
export class Receiver {
  readonly #fd: number;
  readonly #ring: Ring;
  readonly #calls: typeof receiverCalls;
  readonly #headers: Memory;
  readonly #vectors: Memory;
  readonly #control = new Memory(BATCH * CONTROL_SIZE);
  readonly #walk = new ControlWalk(this.#control);
  readonly #clock: ClockOffset;
  /** After {@link receive}: whether the socket had less than was asked for. */
  drained = false;
  /** Error numbers that came as packets and are still to be returned. */
  readonly #faults: number[] = [];
  /** No frame still to come was there before this moment, monotonic ns. */
  #since: bigint;
  /** What the control messages of one packet said; a packet without a stamp keeps the time of reading. */
  readonly #stamp = { sec: 0, nsec: 0, hardwareSec: 0, hardwareNsec: 0, drops: 0 };

  /**
   * @param sinceNs a monotonic time in ns before which the socket cannot have received anything
   * @param clock what is known of the clocks; sockets that share it agree on when a frame came
   */
  constructor(fd: number, ring: Ring, sinceNs: bigint, calls = receiverCalls, clock = new ClockOffset()) {
    this.#fd = fd;
    this.#ring = ring;
    this.#since = sinceNs;
    this.#calls = calls;
    this.#clock = clock;
    this.#headers = new Memory(ring.slots * MESSAGE.size);
    this.#vectors = new Memory(ring.slots * host.iovec.size);
    for (let slot = 0; slot < ring.slots; slot++) this.#lay(slot);
  }

  #lay(slot: number): void {
    const vector = slot * host.iovec.size;
    const frame = BigInt(Ring.offset(slot) + RECORD.frame);
    this.#vectors.setWord(vector + host.iovec.offset.iov_base, this.#ring.memory.address + frame);
    this.#vectors.setSize(vector + host.iovec.offset.iov_len, RECORD.packetSize);
    const header = slot * MESSAGE.size;
    this.#headers.setWord(header + msg_iov, this.#vectors.address + BigInt(vector));
    this.#headers.setSize(header + msg_iovlen, 1);
    const control = BigInt((slot % BATCH) * CONTROL_SIZE);
    this.#headers.setWord(header + msg_control, this.#control.address + control);
    this.#headers.setSize(header + msg_controllen, CONTROL_SIZE);
  }

  /** Whether {@link receive} will return an error that has come already. */
  get hasFault(): boolean {
    return this.#faults.length > 0;
  }

  /**
   * Receives one batch without waiting. Returns the number of frames put into the ring, or a
   * negative error number: -EAGAIN when the socket is empty, -ENODEV when its other end was closed.
   * There must be room in the ring.
   */
  receive(): number {
    const fault = this.#faults.shift();
    if (fault !== undefined) return -fault;
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
      this.#record(first, received, now, now + this.#clock.look(before, real, now));
      this.#ring.publish(received);
    }
    const drained = received < count;
    this.drained = drained && this.#faults.length === 0;
    if (drained && (received > 0 || received === -EAGAIN) && before > this.#since) {
      this.#since = before;
    }
    return received;
  }

  /**
   * Completes the records of a batch. A frame's monotonic time is `now` less its age by the system
   * clock, the age kept between 0 and that of the frame before it, and the first one's below the
   * time since the socket was last seen empty: a system clock that is set meanwhile cannot bend it
   * further than that, and it never decreases.
   */
  #record(first: number, count: number, now: bigint, realNow: bigint): void {
    const ring = this.#ring;
    const { words } = ring.memory;
    const headers = this.#headers.words;
    const nowSec = Number(now / 1_000_000_000n);
    const nowNsec = Number(now % 1_000_000_000n);
    const realSec = Number(realNow / 1_000_000_000n);
    const realNsec = Number(realNow % 1_000_000_000n);
    let oldest = Number(now - this.#since);

    for (let slot = first; slot < first + count; slot++) {
      const header = slot * MESSAGE.size;
      const record = Ring.offset(slot);
      const stamp = this.#stamp;
      stamp.sec = realSec;
      stamp.nsec = realNsec;
      stamp.hardwareSec = 0;
      stamp.hardwareNsec = 0;
      stamp.drops = 0;
      this.#readControl(slot % BATCH, this.#headers.getSize(header + msg_controllen));
      const age = (realSec - stamp.sec) * 1e9 + (realNsec - stamp.nsec);
      oldest = Math.max(0, Math.min(age, oldest));
      const borrow = Math.ceil((oldest - nowNsec) / 1e9);
      ring.setTime(record, RECORD.system, stamp.sec, stamp.nsec);
      ring.setTime(record, RECORD.hardware, stamp.hardwareSec, stamp.hardwareNsec);
      ring.setTime(record, RECORD.monotonic, nowSec - borrow, nowNsec + borrow * 1e9 - oldest);
      const length = headers[(header + MESSAGE.length) >>> 2] as number;
      words[(record + RECORD.length) >>> 2] = length;
      const flags = headers[(header + msg_flags) >>> 2] as number;
      words[(record + RECORD.flags) >>> 2] = flags;
      words[(record + RECORD.drops) >>> 2] = stamp.drops;
      const cut = (flags & MSG_TRUNC) !== 0;
      if (!cut && isTrailed(length)) this.#readTrailer(record, length - TRAILER.size);
    }
    this.#resetControl(first, count);
    this.#since = now - BigInt(oldest);
  }

  /** A packet of no bytes is what a local socket says for ever when its other end was closed. */
  #isEnd(slot: number): boolean {
    return this.#headers.words[(slot * MESSAGE.size + MESSAGE.length) >>> 2] === 0;
  }

  /** Says again how much room there is for control messages, where the kernel has said what it used. */
  #resetControl(first: number, count: number): void {
    for (let slot = first; slot < first + count; slot++) {
      this.#headers.setSize(slot * MESSAGE.size + msg_controllen, CONTROL_SIZE);
    }
  }

  #readTrailer(record: number, length: number): void {
    const { words } = this.#ring.memory;
    const at = record + RECORD.frame + length;
    const flags = words[(at + TRAILER.flags) >>> 2] as number;
    const value = words[(at + TRAILER.value) >>> 2] as number;
    words[(record + RECORD.length) >>> 2] = length;
    if (flags === TRAILER.fault) {
      // As a kernel socket, which has one pending error. Many in a row would look like a broken socket.
      if (!this.#faults.includes(value)) this.#faults.push(value);
    } else {
      const flagged = (record + RECORD.flags) >>> 2;
      words[flagged] = (words[flagged] as number) | flags;
      words[(record + RECORD.drops) >>> 2] = value;
    }
  }

  #readControl(area: number, length: number): void {
    const walk = this.#walk.begin(area * CONTROL_SIZE, length);
    while (walk.next()) {
      if (walk.level !== SOL_SOCKET) continue;
      switch (walk.type) {
        case SO_TIMESTAMPNS_NEW:
          this.#readTime(walk.data, walk.size, 8, 1);
          break;
        case SO_TIMESTAMPNS_OLD:
          this.#readTime(walk.data, walk.size, host.timespec.size / 2, 1);
          break;
        case SO_TIMESTAMP_NEW:
          this.#readTime(walk.data, walk.size, 8, 1000);
          break;
        case SO_TIMESTAMP_OLD:
          this.#readTime(walk.data, walk.size, host.timeval.size / 2, 1000);
          break;
        case SO_TIMESTAMPING_NEW:
          this.#readTimes(walk.data, walk.size, 8);
          break;
        case SO_TIMESTAMPING_OLD:
          this.#readTimes(walk.data, walk.size, host.timespec.size / 2);
          break;
        case SO_RXQ_OVFL:
          this.#stamp.drops = this.#control.words[walk.data >>> 2] as number;
          break;
        default: // A kind this library did not ask for: no harm.
      }
    }
  }

  /** Two integers of `width` bytes: seconds, and a fraction in units of `nsPerUnit`. */
  #readTime(at: number, size: number, width: number, nsPerUnit: number): void {
    if (size < 2 * width) return;
    const sec = this.#integer(at, width);
    if (sec <= 0) return;
    this.#stamp.sec = sec;
    this.#stamp.nsec = this.#integer(at + width, width) * nsPerUnit;
  }

  /** struct scm_timestamping: three timespecs, of software, unused, and of the hardware's own clock. */
  #readTimes(at: number, size: number, width: number): void {
    this.#readTime(at, size, width, 1);
    const hardware = at + 4 * width;
    if (size < 6 * width) return;
    this.#stamp.hardwareSec = this.#integer(hardware, width);
    this.#stamp.hardwareNsec = this.#integer(hardware + width, width);
  }

  #integer(at: number, width: number): number {
    const { words } = this.#control;
    const first = words[at >>> 2] as number;
    if (width === 4) return first;
    const second = words[(at >>> 2) + 1] as number;
    return LITTLE_ENDIAN ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second;
  }
}
