import { host, Memory, MSG_DONTWAIT, MSG_NOSIGNAL, sendmmsg } from '../libc';
import { CANFD_MTU, encodeFrame, type Frame } from '../frame';

/** Frames a single sendmmsg(2) may take. */
export const BATCH = 64;

const MESSAGE = host.mmsghdr.size;
const VECTOR = host.iovec.size;
const { msg_iov, msg_iovlen } = host.msghdr.offset;

/** The system calls a transmitter makes; tests put others in their place. */
export const transmitterCalls = { sendmmsg };

/**
 * Hands frames to the kernel, up to 64 in a call, from memory laid once: frame, iovec and header i
 * belong together for ever, and only the frame's bytes and its length change.
 */
export class Transmitter {
  readonly #fd: number;
  readonly #calls: typeof transmitterCalls;
  readonly #frames = new Memory(BATCH * CANFD_MTU);
  readonly #vectors = new Memory(BATCH * VECTOR);
  readonly #headers = new Memory(BATCH * MESSAGE);

  constructor(fd: number, calls = transmitterCalls) {
    this.#fd = fd;
    this.#calls = calls;
    for (let i = 0; i < BATCH; i++) {
      const frame = this.#frames.address + BigInt(i * CANFD_MTU);
      this.#vectors.setWord(i * VECTOR + host.iovec.offset.iov_base, frame);
      const vector = this.#vectors.address + BigInt(i * VECTOR);
      this.#headers.setWord(i * MESSAGE + msg_iov, vector);
      this.#headers.setSize(i * MESSAGE + msg_iovlen, 1);
    }
  }

  /**
   * Sends frames from `from` on, without waiting, 64 at most. Returns how many the kernel took, or a
   * negative error number when it refused the first.
   */
  send(frames: readonly Frame[], from: number): number {
    const count = Math.min(BATCH, frames.length - from);
    for (let i = 0; i < count; i++) {
      const size = encodeFrame(frames[from + i] as Frame, this.#frames, i * CANFD_MTU);
      this.#vectors.setSize(i * VECTOR + host.iovec.offset.iov_len, size);
    }
    return this.#calls.sendmmsg(this.#fd, this.#headers, 0, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
}
