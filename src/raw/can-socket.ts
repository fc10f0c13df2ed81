import { debuglog } from 'node:util';
import { onAbort } from '../abort';
import type { TimestampSource } from '../channel/endpoint';
import { Iteration, type IterationOptions } from '../channel/receive/iteration';
import { ListeningEmitter } from '../channel/listening-emitter';
import { Losses } from '../channel/receive/losses';
import { SocketCANError } from '../errors';
import type { CANFilter } from '../frame/can-filter';
import type { ErrorClass } from '../frame/error-names';
import type { Frame } from '../frame/frame';
import { parseInterfaceName } from '../interfaces';
import type { Confirmation, SendResult } from '../send-result';
import type { Timestamp } from '../timestamp';
import { connect, type RawConnection } from './connection';
import type { RawState } from './endpoint';
import { LINK_EVENTS, type CANSocketEvents, type SocketState } from './events';
import { AcceptanceFilters } from './filters/acceptance';
import { checkFilters } from './filters/check';
import { checkErrorMask, checkOptions, type CANSocketOptions, type CheckedOptions } from './options';
import { Delivery } from '../channel/receive/delivery';
import { Echoes } from './receive/echoes';
import { Reception } from './receive/reception';
import type { FrameIteration, ReceivedFrame } from './receive/received-frame';
import { newCounters, type SocketStatistics } from './statistics';
import { checkSend, type SendOptions } from './transmit/send-options';
import { Transmitter } from './transmit/transmitter';

const debug = debuglog('socketcan:raw');

/**
 * A CAN_RAW socket (socket(7)), non-blocking, with the kernel's receive timestamps.
 *
 * It starts to receive with the first listener for 'frames', or with the first `for await` loop. Until then the kernel
 * queues the frames. A socket that receives keeps the process alive, see {@link CANSocket.unref}.
 */
export class CANSocket
  extends ListeningEmitter<CANSocketEvents>
  implements AsyncIterable<ReceivedFrame>, AsyncDisposable
{
  /** The name that the socket was opened with. */
  readonly interfaceName: string;
  readonly #options: CheckedOptions;
  readonly #state: RawState;
  readonly #filters: AcceptanceFilters;
  readonly #connection: RawConnection;
  readonly #transmitter: Transmitter;
  readonly #reception: Reception;
  readonly #delivery: Delivery<ReceivedFrame>;
  readonly #losses: Losses;
  readonly #echoes = new Echoes();
  readonly #counters = newCounters();
  #failure: Error | undefined;
  #unwatch: (() => void) | undefined;
  #open = true;
  #closed: Promise<void> | undefined;

  /**
   * Opens the socket and binds it to an interface. The interface may be down.
   *
   * @throws {SystemError} with `code`, `syscall`, `interface` and a `hint`: ENODEV (no such interface, or not a CAN
   * interface), EAFNOSUPPORT or EPROTONOSUPPORT (this kernel lacks CAN), ...
   * @throws {TypeError | RangeError} for invalid arguments, before any system call
   */
  constructor(interfaceName: string, options: CANSocketOptions = {}) {
    super();
    this.interfaceName = interfaceName;
    parseInterfaceName(interfaceName); // Reports an invalid name before an invalid option.
    this.#options = checkOptions(options);
    const { filters, joinFilters, errorMask, receiveOwn } = this.#options;
    this.#state = { errorMask, receiveOwn };
    this.#filters = new AcceptanceFilters(filters, joinFilters);
    this.#connection = connect(interfaceName, this.#options, this.#state, this.#filters, {
      onRecords: (ring) => this.#delivery.deliver(ring),
      onChange: (change, at) => {
        this.#onChange(change, at);
      },
      onError: (error) => this.emit('error', error),
      onFailure: (error) => {
        this.#fail(error);
      },
    });
    this.#losses = new Losses(this.#connection);
    this.#transmitter = new Transmitter(
      this.#connection,
      this.#state,
      this.#filters,
      this.#echoes,
      this.#options,
      this.#counters,
    );
    this.#reception = new Reception(this.#counters, this.#filters, this.#echoes, receiveOwn);
    this.#delivery = new Delivery(this.#reception, this.#losses, this.#counters, {
      onTraffic: (at) => {
        this.#connection.onTraffic(at);
      },
      onMessages: (frames) => !this.#isOpen() || this.emit('frames', frames),
      onOverflow: (lost) => {
        this.#onOverflow(lost);
      },
    });
    this.#warnOfTimestamps();
    this.#followSignal();
  }

  /** The state of the link; 'gone' while the interface does not exist, 'closed' after close() or a failure. */
  get state(): SocketState {
    return this.#isOpen() ? this.#connection.link : 'closed';
  }

  /** The receive buffer that the kernel granted, in bytes of kernel memory (a frame takes 768, measured). */
  get receiveBufferSize(): number {
    return this.#connection.receiveBufferSize;
  }

  /** The timestamps in use: 'software' also if 'hardware' was asked for and the controller has none. */
  get timestamps(): TimestampSource {
    return this.#connection.timestamps;
  }

  /**
   * The meaning of an echo. 'bus': the controller transmitted the frame. 'queued': the driver gives no echoes (no
   * IFF_ECHO: vcan, slcan), and the kernel returns a frame when it queues it. 'queued' while the interface is gone.
   */
  get confirmation(): Confirmation {
    return this.#connection.endpoint?.confirmation() ?? 'queued';
  }

  /** A snapshot of the counts. They are exact at any time, also after close(). */
  get statistics(): SocketStatistics {
    this.#counters.dropped = this.#losses.total;
    return { ...this.#counters };
  }

  /**
   * Replaces the acceptance filters: at most 512, unless `optimizeFilters` is on. An empty list accepts neither data
   * nor remote frames. Frames that were queued under the old filters are still delivered.
   *
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FILTER`; the old filters stay
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`
   */
  setFilters(filters: readonly CANFilter[]): void {
    this.#assertOpen();
    const undo = this.#filters.set(checkFilters(filters, this.#options));
    try {
      const { bytes } = this.#filters;
      if (bytes !== undefined) this.#connection.endpoint?.setFilters(bytes);
    } catch (error) {
      undo();
      throw error;
    }
  }

  /**
   * Selects the error frames to receive, by class or as the mask of linux/can/error.h.
   *
   * @throws {TypeError | RangeError} for an unknown class
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`
   */
  setErrorMask(mask: number | readonly ErrorClass[]): void {
    this.#assertOpen();
    const checked = checkErrorMask('The error mask', mask);
    this.#connection.endpoint?.setErrorMask(checked);
    this.#state.errorMask = checked;
  }

  /**
   * Sends frames in order. Resolves when the kernel has accepted the last one (with `confirm`: when all echoes have
   * arrived), or at the deadline, after which it sends nothing. It waits for room in a full queue, and for a link that
   * is down or gone. Calls are sent in the order in which they were made, or by `sendOrder`.
   *
   * @returns the counts of sent, expired and purged frames. `sent` means that the kernel has accepted the frame
   * @throws {TypeError | RangeError} (as a rejection) for an invalid frame or option, before it sends any frame
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`, `ERR_SOCKETCAN_CONFIGURATION` (a CAN FD frame to an interface
   * without CAN FD); an AbortError (`ABORT_ERR`): all with `sent` and `result`
   */
  async send(frames: Frame | Iterable<Frame>, options: SendOptions = {}): Promise<SendResult> {
    const sent = this.#open ? this.#transmitter.sendNow(frames, options) : undefined;
    if (sent !== undefined) return sent;
    const checked = checkSend(frames, options);
    this.#assertOpen();
    return this.#transmitter.send(checked);
  }

  /**
   * Drops the frames that the kernel has not accepted yet. Their calls end, with `purged` in their results. A call with
   * `confirm` ends when its sent frames are confirmed.
   *
   * @returns the number of dropped frames
   */
  purge(): number {
    return this.#transmitter.purge();
  }

  /**
   * Returns the frames received from now on, one by one, for `for await`. Each loop has its own queue. Frames that do
   * not fit are discarded, and counted there and in the statistics.
   *
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`
   */
  frames(options: IterationOptions = {}): FrameIteration {
    this.#assertOpen();
    return new Iteration<ReceivedFrame>(this, 'frames', options, (count) => {
      this.#counters.discarded += count;
    });
  }

  /** {@link CANSocket.frames} without options, for `for await (const received of socket)`. */
  [Symbol.asyncIterator](): FrameIteration {
    return this.frames();
  }

  /**
   * Resolves when the listeners have received every frame that the kernel holds now; at once if the socket does not
   * receive. To close without losing a frame, wait for it first.
   */
  drain(): Promise<void> {
    return this.#connection.drain();
  }

  /** Keeps the process alive while this socket receives, which is the default. */
  ref(): this {
    this.#connection.setReferenced(true);
    return this;
  }

  /** Lets the process end even while this socket is open. */
  unref(): this {
    this.#connection.setReferenced(false);
    return this;
  }

  /**
   * Closes the socket. 'close' is the only event after this call. Resolves when the poller has released the descriptor
   * and it is closed. Further calls return the same promise.
   */
  close(): Promise<void> {
    this.#open = false;
    return (this.#closed ??= this.#shut());
  }

  /** {@link CANSocket.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected override beforeListener(event: string | symbol): void {
    if (!this.#open) return;
    if (event === 'frames') {
      this.#connection.receive();
      this.#delivery.deliverEarly();
    } else if (LINK_EVENTS.has(event)) this.#connection.watch();
  }

  async #shut(): Promise<void> {
    this.#unwatch?.();
    this.#transmitter.close((result) => this.#closedError(result));
    await this.#connection.close();
    // Not here: an exception in a listener must not reject this promise.
    queueMicrotask(() => this.emit('close'));
  }

  #followSignal(): void {
    const close = (): void => {
      void this.close();
    };
    const { signal } = this.#options;
    if (signal?.aborted === true) close();
    else this.#unwatch = onAbort(signal, close);
  }

  #warnOfTimestamps(): void {
    if (this.timestamps === this.#options.timestamps) return;
    process.emitWarning(`${this.interfaceName} has no hardware timestamps; the kernel's timestamps are used instead`, {
      type: 'SocketCANWarning',
      code: 'SOCKETCAN_NO_HARDWARE_TIMESTAMPS',
    });
  }

  /** A function and not the field: a listener may have closed the socket, which the compiler cannot see. */
  #isOpen(): boolean {
    return this.#open;
  }

  #onOverflow(lost: number): void {
    // Echoes may be among the lost frames, but not the echoes of frames that are sent from now on.
    this.#echoes.giveUp(process.hrtime.bigint());
    if (this.#isOpen()) this.emit('overflow', lost);
  }

  #onChange(change: 'up' | 'down' | 'gone' | 'back', at: Timestamp): void {
    switch (change) {
      case 'gone':
        this.#echoes.clear();
        this.#reception.restart();
        break;
      case 'down':
        this.#echoes.giveUp(at.monotonicNs);
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
