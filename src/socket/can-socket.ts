import { EventEmitter } from 'node:events';
import { debuglog } from 'node:util';
import { systemError } from '../libc';
import { DataFrame, type ErrorClass, type Frame } from '../frame';
import { Poller, type Registration, type Ring } from '../poller';
import { Echoes } from './echoes';
import type { Endpoint } from './endpoint';
import { invalidArgument, SocketCANError } from '../errors';
import { FATAL, PAUSES, refusal, timestampAt } from './faults';
import { AcceptanceFilters, checkFilters, type CANFilter } from './filters';
import { interfaceKind } from './interface-name';
import { openEndpoint } from './open';
import { checkOptions, errorMaskOf, type CANSocketOptions, type CheckedOptions } from './options';
import { Reception, type ReceivedFrame, type Timestamp } from './reception';
import { newCounters, type SocketStatistics } from './statistics';
import { checkSend, type SendOptions } from './send-options';
import { TransmitQueue, type SendResult } from './transmit-queue';
import { FrameBatch } from './frame-batch';

const debug = debuglog('socketcan');

/** Frames between the poller thread and this one, per socket: 1 s at 4000 frames/s, 0.8 MiB in all. */
const RING_SLOTS = 4096;

export interface CANSocketEvents {
  /** Frames that arrived together, oldest first; never empty. */
  frames: [frames: readonly ReceivedFrame[]];
  /** The link went down; the socket stays and works again when the link is up. */
  down: [at: Timestamp];
  /** The link is seen to work again, by a frame received or sent. */
  up: [at: Timestamp];
  /** The interface was removed. */
  gone: [at: Timestamp];
  /** The kernel has dropped this many frames for want of room in the receive buffer. */
  overflow: [lost: number];
  error: [error: Error];
  close: [];
}

export type SocketState = 'up' | 'down' | 'closed';

/**
 * A raw CAN socket (socket(7), PF_CAN, CAN_RAW), non-blocking, with the kernel's times of reception.
 *
 * Receiving begins with the first listener for 'frames'; until then the kernel queues. An open
 * socket that receives keeps the process alive, see {@link CANSocket.unref}.
 */
export class CANSocket extends EventEmitter<CANSocketEvents> {
  readonly interfaceName: string;
  readonly #options: CheckedOptions;
  readonly #filters: AcceptanceFilters;
  readonly #endpoint: Endpoint;
  readonly #batch = new FrameBatch();
  readonly #queue: TransmitQueue;
  readonly #reception: Reception;
  readonly #echoes = new Echoes();
  readonly #counters = newCounters();
  #registration: Registration | undefined;
  #referenced = true;
  #receivesOwn: boolean;
  #state: SocketState;
  #failure: Error | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Opens the socket and binds it to an interface, which may be down.
   *
   * @throws {SystemError} with `code`, `syscall`, `interface` and a `hint`: ENODEV (no such
   * interface, or not a CAN interface), EAFNOSUPPORT or EPROTONOSUPPORT (no CAN in this kernel), ...
   * @throws {TypeError | RangeError} for arguments that are wrong before any system call
   */
  constructor(interfaceName: string, options: CANSocketOptions = {}) {
    super();
    this.interfaceName = interfaceName;
    interfaceKind(interfaceName); // A wrong name is told before a wrong option.
    this.#options = checkOptions(options);
    this.#filters = new AcceptanceFilters(this.#options.filters, this.#options.joinFilters);
    this.#receivesOwn = this.#options.receiveOwn;
    this.#endpoint = openEndpoint(interfaceName, {
      ...this.#options,
      filters: this.#filters.bytes,
    });
    this.#state = this.#endpoint.up ? 'up' : 'down';
    this.#reception = new Reception(
      this.#counters,
      this.#filters,
      this.#echoes,
      this.#options.receiveOwn,
    );
    this.#queue = new TransmitQueue(
      {
        send: (frames, from) => this.#endpoint.send(this.#batch, this.#batch.fill(frames, from)),
        onSent: (job, from, count) => {
          this.#sent(job.frames, job.echo, from, count);
        },
        onDown: () => {
          this.#down(process.hrtime.bigint());
        },
        refusal: (result, frame, sent) => this.#refusal(result, frame, sent),
      },
      this.#counters,
    );
    this.#watchListeners();
    debug('%s opened, %s, fd %d', interfaceName, this.#state, this.#endpoint.fd);
  }

  /** 'down' while the link is known to be down, 'closed' after close() or a failure. */
  get state(): SocketState {
    return this.#state;
  }

  /** The receive buffer the kernel granted, in bytes of its memory (a frame takes 768, measured). */
  get receiveBufferSize(): number {
    return this.#endpoint.receiveBufferSize;
  }

  /** A snapshot of the counts, right at any time, also after the socket was closed. */
  get statistics(): SocketStatistics {
    if (this.#isOpen()) this.#counters.dropped = this.#drops();
    return { ...this.#counters };
  }

  /**
   * Replaces the acceptance filters, 512 at most unless `optimizeFilters` is on; an empty list
   * accepts neither data nor remote frames. Frames that were queued under the old filters are still
   * delivered.
   *
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FILTER`; the old filters stay
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`
   */
  setFilters(filters: readonly CANFilter[]): void {
    this.#assertOpen();
    const undo = this.#filters.set(checkFilters(filters, this.#options));
    try {
      this.#installFilters();
    } catch (error) {
      undo();
      throw error;
    }
  }

  /**
   * Chooses the error frames to receive from now on, by class or as the mask of linux/can/error.h.
   *
   * @throws {TypeError | RangeError} for an unknown class, and {@link SocketCANError} `ERR_SOCKETCAN_CLOSED`
   */
  setErrorMask(mask: number | readonly ErrorClass[]): void {
    this.#assertOpen();
    this.#endpoint.setErrorMask(errorMaskOf(mask));
  }

  /**
   * Sends frames in order and resolves when the last was handed to the kernel, or when the deadline
   * comes: nothing is handed over after it. A full queue and a link that is down are waited for.
   * Calls follow each other in the order they were made.
   *
   * @returns how many frames were handed over (queued, not confirmed on the bus)
   * @throws {TypeError | RangeError} (as a rejection) before any frame is sent, for what is no frame
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`, `ERR_SOCKETCAN_CONFIGURATION` (a CAN FD frame
   * to an interface without CAN FD), with `sent`
   */
  async send(frames: Frame | Iterable<Frame>, options: SendOptions = {}): Promise<SendResult> {
    const { list, echo, deadlineNs } = checkSend(frames, options);
    this.#assertOpen();
    if (list.length === 0) return { sent: 0, expired: 0 };
    if (!this.#options.fd) {
      const first = list.findIndex((frame) => frame instanceof DataFrame && frame.fd);
      if (first >= 0) {
        throw invalidArgument(
          new RangeError(`Frame ${first} (${String(list[first])}) is CAN FD, the socket is not`),
          'ERR_SOCKETCAN_INVALID_FRAME',
        );
      }
    }
    this.#prepareEchoes(list, echo);
    return this.#queue.send(list, echo, deadlineNs);
  }

  /** The process stays alive while this socket receives; the default. */
  ref(): this {
    return this.#setReferenced(true);
  }

  /** The process may end though this socket is open. */
  unref(): this {
    return this.#setReferenced(false);
  }

  #setReferenced(referenced: boolean): this {
    this.#referenced = referenced;
    this.#registration?.setReferenced(referenced);
    return this;
  }

  /**
   * Closes the socket: no event but 'close' comes after this call. Resolves when the poller thread
   * has let go of the descriptor, and the descriptor is closed. Calling it again is no error.
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#shut());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shut(): Promise<void> {
    this.#counters.dropped = this.#drops();
    this.#state = 'closed';
    this.#queue.close((sent) => this.#closedError(sent));
    await this.#registration?.remove();
    // Not before: the number is given to the next file at once, and the thread would read that.
    this.#endpoint.close();
    debug('%s closed', this.interfaceName);
    // What a listener throws is its process's affair, and not the failure of this promise.
    queueMicrotask(() => this.emit('close'));
  }

  /** Right at any time by SO_MEMINFO; a kernel that has it not (before 4.12) tells with the next frame. */
  #drops(): number {
    return this.#endpoint.drops() ?? this.#reception.lost;
  }

  /** A newcomer's listener must begin the receiving even after all others were removed. */
  override removeAllListeners(event?: keyof CANSocketEvents): this {
    super.removeAllListeners(event);
    this.#watchListeners();
    return this;
  }

  #watchListeners(): void {
    if ((this as EventEmitter).listenerCount('newListener', this.#onNewListener) > 0) return;
    (this as EventEmitter).on('newListener', this.#onNewListener);
  }

  readonly #onNewListener = (event: string | symbol): void => {
    if (event === 'frames') this.#receive();
  };

  #receive(): void {
    if (this.#registration !== undefined || this.#state === 'closed') return;
    const { fd, openedNs } = this.#endpoint;
    this.#registration = Poller.add(fd, RING_SLOTS, openedNs, {
      onRecords: (ring) => this.#deliver(ring),
      onFault: (errno, monotonicNs, final) => {
        this.#fault(errno, monotonicNs, final);
      },
      onFailure: (error) => {
        this.#fail(error);
      },
    });
    this.#registration.setReferenced(this.#referenced);
  }

  #deliver(ring: Ring): boolean {
    const frames = this.#reception.take(ring);
    const lost = this.#reception.takeLost();
    const last = frames.at(-1);
    if (last !== undefined) {
      if (this.#state === 'down') this.#up(last.timestamp);
      if (this.#isOpen()) this.emit('frames', frames);
    }
    if (lost > 0 && this.#isOpen()) this.emit('overflow', lost);
    return ring.available > 0;
  }

  /** Not a comparison in place: a listener may have closed the socket where the compiler sees no call. */
  #isOpen(): boolean {
    return this.#state !== 'closed';
  }

  #fault(errno: number, monotonicNs: bigint, final: boolean): void {
    if (PAUSES.has(errno) && !final) this.#down(monotonicNs);
    else {
      const error = systemError(-errno, 'recvmmsg', { interface: this.interfaceName });
      if (FATAL.has(errno)) this.#lose(error, monotonicNs);
      else if (final) this.#fail(error);
      else this.emit('error', error);
    }
  }

  #down(monotonicNs: bigint): void {
    if (this.#state !== 'up') return;
    this.#state = 'down';
    debug('%s is down', this.interfaceName);
    this.emit('down', timestampAt(monotonicNs));
  }

  #up(at: Timestamp): void {
    this.#state = 'up';
    debug('%s is up', this.interfaceName);
    this.emit('up', at);
  }

  /** The interface is gone, and the socket with it: it would be deaf even to a new one of the same name. */
  #lose(error: Error, monotonicNs: bigint): void {
    if (!this.#isOpen()) return;
    try {
      this.emit('gone', timestampAt(monotonicNs));
    } finally {
      this.#fail(error);
    }
  }

  #fail(error: Error): void {
    if (!this.#isOpen()) return;
    this.#failure = error;
    debug('%s failed: %s', this.interfaceName, error.message);
    void this.close();
    this.emit('error', error);
  }

  #sent(
    frames: readonly Frame[],
    echo: boolean | readonly boolean[],
    from: number,
    count: number,
  ): void {
    if (this.#receivesOwn) {
      for (let i = from; i < from + count; i++) {
        const wanted = typeof echo === 'boolean' ? echo : echo[i] === true;
        this.#echoes.expect(frames[i] as Frame, wanted);
      }
    }
    if (this.#state === 'down') this.#up(timestampAt(process.hrtime.bigint()));
  }

  /**
   * Switches the kernel's echoes on with the first request, for good, and lets them through the
   * acceptance filters.
   */
  #prepareEchoes(frames: readonly Frame[], echo: boolean | readonly boolean[]): void {
    if (echo === false || (typeof echo !== 'boolean' && !echo.includes(true))) return;
    if (!this.#receivesOwn) {
      this.#endpoint.setReceiveOwn(true);
      this.#receivesOwn = true;
    }
    const wanted = echo === true ? frames : frames.filter((_, index) => echo[index] === true);
    const added = wanted.filter((frame) => this.#filters.addEcho(frame));
    if (added.length > 0) this.#installFilters();
  }

  #installFilters(): void {
    const { bytes } = this.#filters;
    if (bytes !== undefined) this.#endpoint.setFilters(bytes);
  }

  /** What a send that the kernel refuses for good becomes. */
  #refusal(result: number, frame: Frame, sent: number): Error {
    const error = refusal(result, frame, sent, this.#endpoint);
    if (FATAL.has(-result)) {
      // After the call's own rejection, in an order that does not depend on who looked first.
      queueMicrotask(() => {
        this.#lose(error, process.hrtime.bigint());
      });
    }
    return error;
  }

  #assertOpen(): void {
    if (!this.#isOpen()) throw this.#closedError();
  }

  #closedError(sent?: number): SocketCANError {
    return new SocketCANError(
      'ERR_SOCKETCAN_CLOSED',
      `The socket on ${this.interfaceName} is closed`,
      {
        cause: this.#failure,
        interface: this.interfaceName,
        ...(sent === undefined ? {} : { sent }),
      },
    );
  }
}
