import {
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} from '../libc/constants';
import { LITTLE_ENDIAN } from '../libc/endian';
import { check, systemError } from '../libc/errors';
import { close, read } from '../libc/file';
import { sendto } from '../libc/message';
import { setsockoptInt, socketpair, getsockoptInt } from '../libc/socket';
import { CANFD_MTU } from '../frame/constants';
import { TRAILER } from '../poller/trailer';
import type { EndpointOptions } from '../raw/endpoint';
import { filterWords, type Acceptance } from './kernel-rules';

/** A frame on its way over a bus: the bytes of struct can_frame (16) or canfd_frame (72). */
export type WireFrame = Uint8Array;

const NO_FRAME = new Uint8Array(0);
/** How long to wait for room for a fault, in ms. */
const FULL_WAIT_MS = 4;

/**
 * A socket's place on a virtual bus: a pair of connected sockets, one end the user's, one the bus's.
 *
 * What the kernel tells about a CAN frame beside its bytes (msg_flags, the drop count) a local
 * socket cannot carry; it follows the frame in a {@link TRAILER}.
 */
export class VirtualNode implements Acceptance {
  readonly fd: boolean;
  readonly loopback: boolean;
  readonly joinFilters: boolean;
  filters: Uint32Array | undefined;
  errorMask: number;
  receiveOwn: boolean;
  /** Frames that found the user's end full, modulo 2**32. */
  drops = 0;
  /** The interface was removed. Like a kernel socket, this end never works again. */
  dead = false;
  /** The end that is the user's. */
  readonly userEnd: number;
  readonly receiveBufferSize: number;
  readonly #busEnd: number;
  readonly #packet = Buffer.alloc(CANFD_MTU + TRAILER.size);
  readonly #taken = Buffer.alloc(CANFD_MTU);

  /** A positive error number that waits for room in the user's end. */
  #fault: number | undefined;
  #again: NodeJS.Timeout | undefined;

  /** @throws {SystemError} EMFILE, ... */
  constructor(options: EndpointOptions, interfaceName: string) {
    this.fd = options.fd;
    this.loopback = options.loopback;
    this.joinFilters = options.joinFilters;
    this.filters = options.filters === undefined ? undefined : filterWords(options.filters);
    this.errorMask = options.errorMask;
    this.receiveOwn = options.receiveOwn;
    const pair = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (typeof pair === 'number') {
      throw systemError(pair, 'socketpair', { interface: interfaceName });
    }
    [this.userEnd, this.#busEnd] = pair;
    try {
      if (setsockoptInt(this.userEnd, SOL_SOCKET, SO_TIMESTAMPNS_NEW, 1) < 0) {
        check(setsockoptInt(this.userEnd, SOL_SOCKET, SO_TIMESTAMPNS_OLD, 1), 'setsockopt');
      }
      // What waits in a local socket is charged to its sender: the bus's end is the receive buffer.
      const size = options.receiveBufferSize;
      if (setsockoptInt(this.#busEnd, SOL_SOCKET, SO_SNDBUFFORCE, size) < 0) {
        check(setsockoptInt(this.#busEnd, SOL_SOCKET, SO_SNDBUF, size), 'setsockopt');
      }
      this.receiveBufferSize = check(getsockoptInt(this.#busEnd, SOL_SOCKET, SO_SNDBUF), 'getsockopt');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Returns a copy of the next frame the user sent, or undefined. */
  take(): WireFrame | undefined {
    const size = read(this.#busEnd, this.#taken);
    return size > 0 ? Uint8Array.from(this.#taken.subarray(0, size)) : undefined;
  }

  /** Puts a frame into the user's end, with these msg_flags of recvmsg(2); a full one drops it. */
  deliver(frame: WireFrame, flags: number): void {
    if (this.#tellFault() && this.#send(frame, flags, this.drops)) return;
    this.drops = (this.drops + 1) >>> 0;
  }

  /**
   * Makes the user's receive call fail with this positive error number, after the frames that wait. A
   * full receive buffer delays the error and does not lose it. A later error replaces one that waits.
   */
  fail(errno: number): void {
    this.#fault = errno;
    this.#tellFault();
  }

  /** Sends the waiting fault. Returns false if it still has no room. */
  #tellFault(): boolean {
    if (this.#fault === undefined) return true;
    clearTimeout(this.#again);
    if (this.#send(NO_FRAME, TRAILER.fault, this.#fault)) {
      this.#fault = undefined;
      return true;
    }
    this.#again = setTimeout(() => this.#tellFault(), FULL_WAIT_MS).unref();
    return false;
  }

  close(): void {
    clearTimeout(this.#again);
    close(this.userEnd);
    close(this.#busEnd);
  }

  /** Sends a frame with its trailer. Returns false if there is no room. */
  #send(frame: WireFrame, flags: number, value: number): boolean {
    const at = frame.byteLength;
    const write = LITTLE_ENDIAN ? 'writeUInt32LE' : 'writeUInt32BE';
    this.#packet.set(frame);
    this.#packet[write](flags >>> 0, at + TRAILER.flags);
    this.#packet[write](value, at + TRAILER.value);
    const packet = this.#packet.subarray(0, at + TRAILER.size);
    return sendto(this.#busEnd, packet, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
  }
}
