import { ANCILLARY_TRAILER } from '../../../src/poller/ancillary-trailer';
import { Pair } from './pairs';

/** Two connected sockets whose packets end with a trailer, like those of a virtual bus. */
export class TrailedPair extends Pair {
  /** Sends a packet with an empty trailer. Returns false when the buffer is full. */
  override send(bytes: Uint8Array): boolean {
    return this.#send(bytes, 0, 0);
  }

  /** Sends a packet that makes the near end fail with this positive error number. */
  fail(errno: number): boolean {
    return this.#send(new Uint8Array(0), ANCILLARY_TRAILER.error, errno);
  }

  #send(bytes: Uint8Array, flags: number, value: number): boolean {
    const trailer = new Uint8Array(new Uint32Array([flags, value]).buffer);
    return super.send(Buffer.concat([bytes, trailer]));
  }
}
