import { host } from '../../libc/layouts';
import { Memory } from '../../libc/memory';
import { encodeFrame } from '../../frame/codec';
import { CAN_LENGTH_OFFSET, CANFD_MTU } from '../../frame/constants';
import type { Frame } from '../../frame/frame';
import type { OutgoingFrames } from '../endpoint';

/** The largest number of frames in one call of sendmmsg(2). */
export const BATCH_SIZE = 64;

const MESSAGE = host.mmsghdr.size;
const VECTOR = host.iovec.size;
const { iov_base, iov_len } = host.iovec.offset;
const { msg_iov, msg_iovlen } = host.msghdr.offset;

/**
 * The memory of up to 64 frames that one call of sendmmsg(2) sends. The header, iovec and frame of a place are
 * linked once. Afterwards only the bytes of the frame and its length change.
 */
export class FrameBatch implements OutgoingFrames {
  readonly headers = new Memory(BATCH_SIZE * MESSAGE);
  readonly frames = new Memory(BATCH_SIZE * CANFD_MTU);
  readonly #vectors = new Memory(BATCH_SIZE * VECTOR);

  constructor() {
    for (let i = 0; i < BATCH_SIZE; i++) {
      this.#vectors.setWord(i * VECTOR + iov_base, this.frames.address + BigInt(i * CANFD_MTU));
      const header = i * MESSAGE;
      this.headers.setWord(header + msg_iov, this.#vectors.address + BigInt(i * VECTOR));
      this.headers.setSize(header + msg_iovlen, 1);
    }
  }

  /** Puts a frame at a place (0 to 63). */
  set(index: number, frame: Frame): void {
    const size = encodeFrame(frame, this.frames, index * CANFD_MTU);
    this.#vectors.setSize(index * VECTOR + iov_len, size);
  }

  /** The size of a frame in bytes: 16 or 72. */
  size(index: number): number {
    return this.#vectors.getSize(index * VECTOR + iov_len);
  }

  /** The length field of a frame. */
  length(index: number): number {
    return this.frames.bytes[index * CANFD_MTU + CAN_LENGTH_OFFSET] as number;
  }
}
