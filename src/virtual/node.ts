import { CANFD_MTU } from '../frame/constants';
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
import { LITTLE_ENDIAN } from '../libc/memory';
import { check, systemError } from '../libc/errors';
import { close, read } from '../libc/file';
import { sendto } from '../libc/message';
import { getsockoptInt, setsockoptInt, socketpair } from '../libc/socket';
import { ANCILLARY_TRAILER } from '../poller/ancillary-trailer';
import type { RecordLayout } from '../poller/record';
import type { RawEndpointOptions } from '../raw/endpoint';
import type { FrameBytes } from './frame-bytes';
import { filterWords, type ReceiveSettings } from './kernel-rules';

/** A frame that a bus carries. */
export interface Transmission {
  /** The socket that sent the frame; undefined for a frame from outside this host. */
  readonly sender: VirtualNode | undefined;
  readonly bytes: FrameBytes;
}

/** The packets of the user's end: a frame and a trailer. */
export const NODE_RECORD: RecordLayout = { packetSize: CANFD_MTU + ANCILLARY_TRAILER.size, trailer: true };

const NO_FRAME = new Uint8Array(0);
/** Interval of the attempts to report an error while the receive buffer is full, in ms. */
const RETRY_MS = 4;

/**
 * One socket on a virtual bus: two connected local sockets, one end for the user and one for the bus.
 *
 * A local socket cannot carry what the kernel reports with a CAN frame (msg_flags, the drop count). An
 * {@link ANCILLARY_TRAILER} after each frame carries it.
 */
export class VirtualNode implements ReceiveSettings {
  readonly canFD: boolean;
  readonly loopback: boolean;
  readonly joinFilters: boolean;
  filters: Uint32Array | undefined;
  errorMask: number;
  receiveOwn: boolean;
  /** Frames dropped because the receive buffer was full, modulo 2**32. */
  drops = 0;
  /** The interface was removed. Like a kernel socket, this node never works again. */
  removed = false;
  /** Descriptor of the user's end. */
  readonly userEnd: number;
  readonly receiveBufferSize: number;
  readonly #busEnd: number;
  readonly #packet = Buffer.alloc(CANFD_MTU + ANCILLARY_TRAILER.size);
  readonly #readBuffer = Buffer.alloc(CANFD_MTU);
  /** A positive error number that the receive buffer had no room for. */
  #pendingError: number | undefined;
  #retryTimer: NodeJS.Timeout | undefined;

  /** @throws {SystemError} EMFILE, ... */
  constructor(options: RawEndpointOptions, interfaceName: string) {
    this.canFD = options.canFD;
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
      // Linux charges a packet in a local socket to its sender, so the send buffer of the bus's end is the receive
      // buffer of the user.
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

  /** Returns a copy of the next frame that the user sent, or undefined. */
  take(): FrameBytes | undefined {
    const size = read(this.#busEnd, this.#readBuffer);
    return size > 0 ? Uint8Array.from(this.#readBuffer.subarray(0, size)) : undefined;
  }

  /** Delivers a frame with these msg_flags of recvmsg(2). Drops and counts it if the receive buffer is full. */
  deliver(frame: FrameBytes, flags: number): void {
    if (this.#deliverError() && this.#send(frame, flags, this.drops)) return;
    this.drops = (this.drops + 1) >>> 0;
  }

  /**
   * Makes the user's receive call fail with this positive error number, after the frames in the receive buffer. A
   * full buffer delays the error. A later error replaces one that is still pending.
   */
  fail(errno: number): void {
    this.#pendingError = errno;
    this.#deliverError();
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    close(this.userEnd);
    close(this.#busEnd);
  }

  /** Sends the pending error. Returns false if there is no room yet. */
  #deliverError(): boolean {
    if (this.#pendingError === undefined) return true;
    clearTimeout(this.#retryTimer);
    if (this.#send(NO_FRAME, ANCILLARY_TRAILER.error, this.#pendingError)) {
      this.#pendingError = undefined;
      return true;
    }
    this.#retryTimer = setTimeout(() => this.#deliverError(), RETRY_MS).unref();
    return false;
  }

  /** Sends a frame with its trailer. Returns false if there is no room. */
  #send(frame: FrameBytes, flags: number, value: number): boolean {
    const at = frame.byteLength;
    const write = LITTLE_ENDIAN ? 'writeUInt32LE' : 'writeUInt32BE';
    this.#packet.set(frame);
    this.#packet[write](flags >>> 0, at + ANCILLARY_TRAILER.flags);
    this.#packet[write](value, at + ANCILLARY_TRAILER.value);
    const packet = this.#packet.subarray(0, at + ANCILLARY_TRAILER.size);
    return sendto(this.#busEnd, packet, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
  }
}
