import {
  AF_UNIX,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SO_TIMESTAMPNS_NEW,
  SOL_SOCKET,
  MSG_NOSIGNAL,
} from '../../../src/libc/constants';
import { EAGAIN } from '../../../src/libc/errno';
import { check } from '../../../src/libc/errors';
import { close } from '../../../src/libc/file';
import { sendto } from '../../../src/libc/message';
import { setsockoptInt, socketpair } from '../../../src/libc/socket';

/** struct can_frame: 16 bytes, with this number as its identifier and in its data. */
export function classicBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const words = new Uint32Array(bytes.buffer);
  words[0] = (number & 0x1fff_ffff) | 0x8000_0000;
  bytes[4] = 8;
  words[2] = number;
  words[3] = ~number;
  return bytes;
}

/** struct canfd_frame: 72 bytes, with this number as its identifier and in its data. */
export function fdBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(72);
  bytes.set(classicBytes(number));
  bytes[4] = 64;
  bytes.fill(number & 0xff, 16);
  return bytes;
}

/** Two connected sockets that keep packet boundaries and timestamp packets, as a CAN socket does. */
export class Pair implements Disposable {
  readonly near: number;
  readonly far: number;
  #open: Set<number>;

  constructor(stamped = true) {
    const type = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const pair = socketpair(AF_UNIX, type, 0);
    if (typeof pair === 'number') throw new Error(`socketpair: ${pair}`);
    [this.near, this.far] = pair;
    this.#open = new Set(pair);
    if (stamped) check(setsockoptInt(this.near, SOL_SOCKET, SO_TIMESTAMPNS_NEW, 1), 'setsockopt');
  }

  /** Sends from the far end. Returns false when the buffer is full. */
  send(bytes: Uint8Array): boolean {
    const result = sendto(this.far, bytes, MSG_NOSIGNAL);
    if (result === -EAGAIN) return false;
    check(result, 'sendto');
    return true;
  }

  closeNear(): void {
    this.#close(this.near);
  }

  closeFar(): void {
    this.#close(this.far);
  }

  /**
   * Closes the far end while a packet waits there. The near end then has a pending error, like a CAN
   * socket whose link went down: the kernel returns it once, before the queued frames.
   */
  resetFar(): void {
    check(sendto(this.near, classicBytes(0), MSG_NOSIGNAL), 'sendto');
    this.closeFar();
  }

  #close(fd: number): void {
    if (this.#open.delete(fd)) close(fd);
  }

  [Symbol.dispose](): void {
    this.#close(this.near);
    this.#close(this.far);
  }
}
