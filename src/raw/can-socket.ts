import { debuglog } from 'node:util';
import type { ErrorClass } from '../frame/error-names';
import type { Frame } from '../frame/frame';
import type { Ring } from '../poller/ring';
import { Connection } from '../channel/connection';
import { EarlyFrames } from './receive/early-frames';
import { onAbort } from '../abort';
import { SocketCANError } from '../errors';
import type { CANFilter } from '../frame/can-filter';
import { AcceptanceFilters } from './filters/acceptance';
import { checkFilters } from './filters/check';
import { interfaceKind } from '../interface-name';
import { FrameIteration, type IterationOptions } from '../channel/iteration';
import { ListeningEmitter } from '../channel/listening-emitter';
import { Losses } from '../channel/losses';
import { checkOptions, errorMaskOf, type CANSocketOptions, type CheckedOptions } from './options';
import { Reception, type ReceivedFrame } from './receive/reception';
import { newCounters, type SocketStatistics } from './statistics';
import { checkSend, type SendOptions } from './transmit/send-options';
import type { Timestamp } from '../timestamp';
import type { Confirmation, SendResult } from '../send-result';
import { Transmitter } from './transmit/transmitter';

const debug = debuglog('socketcan');

/** The events of a {@link CANSocket}, with what their listeners get. */
export interface CANSocketEvents {
  /** Frames that arrived together, oldest first; never empty. */
  frames: [frames: readonly ReceivedFrame[]];
  /** The link went down; the socket stays and works again when the link is up. */
  down: [at: Timestamp];
  /** The link is up. */
  up: [at: Timestamp];
  /** The interface was removed. */
  gone: [at: Timestamp];
  /** There is an interface of this name again, and it was opened; it is down until 'up'. */
  back: [at: Timestamp];
  /** The kernel has dropped this many frames for want of room in the receive buffer. */
  overflow: [lost: number];
  /**
   * With the state 'closed' the socket has failed, and 'close' follows; with any other, receiving has
   * failed once and goes on.
   */
  error: [error: Error];
  /** The socket is closed, and its descriptor too; nothing comes after it. */
  close: [];
}

/**
 * What is known of a socket: its link is `up` or `down`, its interface is `gone`, or it is
 * `closed`.
 */
export type SocketState = 'up' | 'down' | 'gone' | 'closed';

/** Events for which the link has to be followed. */
const LINK_EVENTS: ReadonlySet<string | symbol> = new Set(['down', 'up', 'gone', 'back']);

/**
 * A raw CAN socket (socket(7), PF_CAN, CAN_RAW), non-blocking, with the kernel's times of reception.
 *
 * Receiving begins with the first listener for 'frames', or the first `for await` loop; until then the
 * kernel queues. A socket that receives keeps the process alive, see {@link CANSocket.unref}.
 */
export class CANSocket
  extends ListeningEmitter<CANSocketEvents>
  implements AsyncIterable<ReceivedFrame>, AsyncDisposable
{
  /** The name it was opened by. */
  readonly interfaceName: string;
  readonly #options: CheckedOptions;
  readonly #filters: AcceptanceFilters;
  readonly #connection: Connection;
  readonly #transmitter: Transmitter;
  readonly #reception: Reception;
  readonly #counters = newCounters();
  readonly #early = new EarlyFrames();
  #errorMask: number;
  readonly #losses: Losses;
  #failure: Error | undefined;
  #unwatch: () => void = () => undefined;
  #open = true;
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
    this.#errorMask = this.#options.errorMask;
    this.#connection = new Connection(
      interfaceName,
      () => ({
        ...this.#options,
        filters: this.#filters.bytes,
        errorMask: this.#errorMask,
        receiveOwn: this.#receivesOwn(),
      }),
      this.#options,
      {
        onRecords: (ring) => this.#deliver(ring),
        onChange: (change, at) => {
          this.#changed(change, at);
        },
        onError: (error) => this.emit('error', error),
        onFailure: (error) => {
          this.#fail(error);
        },
      },
    );
    this.#losses = new Losses(this.#connection);
    this.#transmitter = new Transmitter(this.#connection, this.#filters, this.#options, this.#counters);
    this.#reception = new Reception(this.#counters, this.#filters, this.#transmitter.echoes, this.#options.receiveOwn);
    this.#noteTimestamps();
    this.#followSignal();
  }

  /** What is known of the link: 'down', 'gone' while there is no such interface, 'closed' after close() or a failure. */
  get state(): SocketState {
    return this.#isOpen() ? this.#connection.link : 'closed';
  }

  /** The receive buffer the kernel granted, in bytes of its memory (a frame takes 768, measured). */
  get receiveBufferSize(): number {
    return this.#connection.receiveBufferSize;
  }

  /** The times of reception that are had: 'software' where 'hardware' was asked for and there is none. */
  get timestamps(): 'software' | 'hardware' {
    return this.#connection.timestamps;
  }

  /**
   * What it says that a frame has come back: 'bus', the controller has sent it; or 'queued' where the
   * driver gives no echoes (no IFF_ECHO: vcan, slcan), the kernel has taken it for sending. 'queued' while
   * the interface is gone.
   */
  get confirmation(): Confirmation {
    return this.#connection.endpoint?.confirmation() ?? 'queued';
  }

  /** A snapshot of the counts, right at any time, also after the socket was closed. */
  get statistics(): SocketStatistics {
    this.#counters.dropped = this.#losses.total;
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
    const checked = errorMaskOf(mask);
    this.#connection.endpoint?.setErrorMask(checked);
    this.#errorMask = checked;
  }

  /**
   * Sends frames in order and resolves when the last was handed to the kernel (with `confirm`, when all
   * have come back), or when the deadline comes: nothing is handed over after it. A full queue, and a
   * link that is down or gone, are waited for. Calls follow each other in the order they were made, or
   * by `sendOrder`.
   *
   * @returns what became of the frames; sent is queued, and only a confirmation by the 'bus' is more
   * @throws {TypeError | RangeError} (as a rejection) before any frame is sent, for what is no frame
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`, `ERR_SOCKETCAN_CONFIGURATION` (a CAN FD frame
   * to an interface without CAN FD); an AbortError (`ABORT_ERR`): all with `sent` and `result`
   */
  async send(frames: Frame | Iterable<Frame>, options: SendOptions = {}): Promise<SendResult> {
    const sent = this.#open ? this.#transmitter.sendNow(frames, options) : undefined;
    if (sent !== undefined) return sent;
    const checked = checkSend(frames, options);
    this.#assertOpen();
    return this.#transmitter.send(checked);
  }

  /**
   * Drops the frames that are not handed to the kernel yet. Their calls end, with `purged` in their
   * results; a call with `confirm` after the confirmations of what it has sent.
   *
   * @returns how many frames were dropped
   */
  purge(): number {
    return this.#transmitter.purge();
  }

  /**
   * The frames received from now on, one by one, for `for await`. Each loop has a queue of its own;
   * frames for which it has no room are discarded and counted, there and in the statistics.
   *
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`, {@link SocketCANError} `ERR_SOCKETCAN_CLOSED`
   */
  frames(options: IterationOptions = {}): FrameIteration {
    this.#assertOpen();
    return new FrameIteration(this, options, (count) => {
      this.#counters.discarded += count;
    });
  }

  /** {@link CANSocket.frames} without options, for `for await (const each of socket)`. */
  [Symbol.asyncIterator](): FrameIteration {
    return this.frames();
  }

  /**
   * Resolves when all that the kernel has received for this socket by now was given to its listeners;
   * at once for a socket that does not receive. To close without losing a frame, wait for it first.
   */
  drain(): Promise<void> {
    return this.#connection.drain();
  }

  /** The process stays alive while this socket receives; the default. */
  ref(): this {
    this.#connection.setReferenced(true);
    return this;
  }

  /** The process may end though this socket is open. */
  unref(): this {
    this.#connection.setReferenced(false);
    return this;
  }

  /**
   * Closes the socket: no event but 'close' comes after this call. Resolves when the poller thread
   * has let go of the descriptor, and the descriptor is closed. Calling it again is no error.
   */
  close(): Promise<void> {
    this.#open = false;
    return (this.#closed ??= this.#shut());
  }

  /** {@link CANSocket.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shut(): Promise<void> {
    this.#unwatch();
    this.#transmitter.close((result) => this.#closedError(result));
    await this.#connection.close();
    // What a listener throws is its process's affair, and not the failure of this promise.
    queueMicrotask(() => this.emit('close'));
  }

  #followSignal(): void {
    const { signal } = this.#options;
    if (signal?.aborted === true) this.#onAbort();
    else this.#unwatch = onAbort(signal, this.#onAbort);
  }

  readonly #onAbort = (): void => {
    void this.close();
  };

  #noteTimestamps(): void {
    if (this.timestamps === this.#options.timestamps) return;
    process.emitWarning(`${this.interfaceName} has no hardware time stamps; the kernel's are used instead`, {
      type: 'SocketCANWarning',
      code: 'SOCKETCAN_NO_HARDWARE_TIMESTAMPS',
    });
  }

  protected override listenerIsComing(event: string | symbol): void {
    if (!this.#open) return;
    if (event === 'frames') this.#listen();
    else if (LINK_EVENTS.has(event)) this.#connection.watch();
  }

  #deliver(ring: Ring): boolean {
    const { consumed } = ring;
    const frames = this.#reception.take(ring);
    const lost = this.#losses.news((ring.consumed - consumed) | 0, this.#reception.lost);
    const last = frames.at(-1);
    try {
      if (last !== undefined) this.#connection.traffic(last.timestamp);
    } finally {
      try {
        if (frames.length > 0 && this.#isOpen()) this.#give(frames);
      } finally {
        // Also where a listener has thrown: it is told once. Echoes may be among the lost, and not those of
        // frames that are sent from now on.
        if (lost > 0) this.#transmitter.echoes.giveUp(process.hrtime.bigint());
        if (lost > 0 && this.#isOpen()) this.emit('overflow', lost);
      }
    }
    return ring.available > 0;
  }

  #give(frames: readonly ReceivedFrame[]): void {
    const kept = this.#early.keep(frames);
    if (kept !== undefined) this.#counters.discarded += kept;
    else if (!this.emit('frames', frames)) this.#counters.discarded += frames.length;
  }

  #listen(): void {
    this.#connection.receive();
    const early = this.#early.take();
    if (early.length === 0) return;
    queueMicrotask(() => {
      if (this.#isOpen()) this.#give(early);
    });
  }

  /** The connection opens before there is a transmitter. */
  #receivesOwn(): boolean {
    return (this.#transmitter as Transmitter | undefined)?.receivesOwn ?? this.#options.receiveOwn;
  }

  /** A call and not the field: a listener may have closed the socket where the compiler sees no change. */
  #isOpen(): boolean {
    return this.#open;
  }

  #changed(change: 'up' | 'down' | 'gone' | 'back', at: Timestamp): void {
    switch (change) {
      case 'gone':
        this.#transmitter.echoes.clear();
        this.#reception.restart();
        break;
      case 'down':
        this.#transmitter.echoes.giveUp(at.monotonicNs);
        break;
      case 'back':
        this.#counters.reopened++;
        break;
      case 'up':
        this.#transmitter.wake();
    }
    this.emit(change, at);
  }

  #fail(error: Error): void {
    if (!this.#isOpen()) return;
    this.#failure = error;
    debug('%s failed: %s', this.interfaceName, error.message);
    void this.close();
    this.emit('error', error);
  }

  #installFilters(): void {
    const { bytes } = this.#filters;
    if (bytes !== undefined) this.#connection.endpoint?.setFilters(bytes);
  }

  #assertOpen(): void {
    if (!this.#isOpen()) throw this.#closedError();
  }

  #closedError(result?: SendResult): SocketCANError {
    return new SocketCANError('ERR_SOCKETCAN_CLOSED', `The socket on ${this.interfaceName} is closed`, {
      cause: this.#failure,
      interface: this.interfaceName,
      ...(result === undefined ? {} : { sent: result.sent, result }),
    });
  }
}
