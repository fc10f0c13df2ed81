import { debuglog, inspect } from 'node:util';
import { ListeningEmitter } from '../channel/listening-emitter';
import { SocketCANError } from '../errors';
import type { FilterConfiguration } from '../frame/filter-configuration';
import { optimizeFilterConfigurations } from '../frame/optimize-filters';
import { listInterfaces } from '../netlink/list-interfaces';
import { checkBigint, checkBoolean, checkFunction, checkIterable } from '../options/check';
import { CANSocket } from '../raw/can-socket';
import { LINK_EVENTS, type CANSocketEvents } from '../raw/events';
import { MAX_FILTERS } from '../raw/filters/check';
import type { CANSocketOptions } from '../raw/options';
import type { SocketStatistics } from '../raw/statistics';
import { MEDIA_ERROR_CLASSES } from './bus-errors';
import { Dispatcher } from './dispatcher';
import { asClassic, asFD, checkEnvelope } from './envelope';
import type { Envelope, ErrorHandler, Media, ReceivedFramesHandler } from './media';
import { checkMTU, VALID_MTU_SET } from './mtu';

const debug = debuglog('socketcan:media');

/** Options of a {@link SocketCANMedia}. All are optional. */
export interface SocketCANMediaOptions extends Pick<
  CANSocketOptions,
  'receiveBufferSize' | 'reopen' | 'signal' | 'poller' | 'coalesceMs'
> {
  /** Sends CAN FD frames without switching the bit rate. Default false: with switching. */
  readonly disableBRS?: boolean;
}

/**
 * The events of {@link CANSocket}, except 'frames', which go to the handler of start(). An 'error' is a failure that
 * closes the media, or an exception of a handler, which does not.
 */
export type SocketCANMediaEvents = Omit<CANSocketEvents, 'frames'>;

function isLinkEvent(event: string | symbol): event is 'down' | 'up' | 'gone' | 'back' {
  return LINK_EVENTS.has(event);
}

/**
 * Implements the {@link Media} contract on a {@link CANSocket}. It is a port of the SocketCANMedia of pycyphal
 * (formerly PyUAVCAN).
 *
 * Differences from pycyphal:
 * - It opens an interface that is down, and continues when the link returns. pycyphal refuses such an interface, and
 *   closes for good when the link goes down.
 * - It waits for an interface that was removed, unless `reopen` is false.
 * - Loopback stays on after the first request, and echoes are matched to the sent frames. pycyphal switches loopback
 *   frame by frame, and loses echoes of real controllers.
 * - Requested echoes pass the acceptance filters.
 * - It counts remote and malformed frames, and loses no other frame because of them.
 * - Each frame has its own monotonic time. In pycyphal, a batch has one.
 * - When the transmit queue is full, it waits until the deadline. pycyphal raises ENOBUFS.
 * - If the kernel refuses a filter, it throws. pycyphal writes a log message.
 * - start() on a closed media throws.
 *
 * As in pycyphal, the MTU only selects classic CAN or CAN FD: a media of MTU 12 sends frames of 64 bytes. An FD
 * media sends every frame as CAN FD. A classic media sends a CAN FD frame of up to 8 bytes as a classic frame.
 */
export class SocketCANMedia extends ListeningEmitter<SocketCANMediaEvents> implements Media {
  /** Valid MTUs in bytes of payload: 8 is classic CAN, the others are CAN FD. */
  static readonly VALID_MTU_SET = VALID_MTU_SET;

  readonly mtu: number;
  readonly numberOfAcceptanceFilters = MAX_FILTERS;
  readonly #socket: CANSocket;
  readonly #brs: boolean;
  /** Link events that this media emits. */
  readonly #linkEvents = new Set<string>();
  /** Undefined before start(). */
  #dispatcher: Dispatcher | undefined;

  /**
   * Opens the interface. From now on the kernel queues received frames.
   *
   * @param mtu one of {@link SocketCANMedia.VALID_MTU_SET}; 8 excludes CAN FD
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_MTU`, before any system call
   * @throws {SystemError} like the constructor of {@link CANSocket}
   */
  constructor(interfaceName: string, mtu: number, options: SocketCANMediaOptions = {}) {
    super();
    this.mtu = checkMTU(mtu);
    const { disableBRS = false, ...socketOptions } = options;
    this.#brs = !checkBoolean('The option disableBRS', disableBRS);
    this.#socket = new CANSocket(interfaceName, { ...socketOptions, fd: this.#isFD });
    this.#socket.on('overflow', (lost) => this.emit('overflow', lost));
    this.#socket.on('error', (error) => {
      this.#reportError(error);
    });
    this.#socket.on('close', () => this.emit('close'));
  }

  /**
   * Lists the CAN interfaces of this network namespace, those that are up first. Never throws; the list is empty
   * without SocketCAN.
   */
  static listAvailableInterfaceNames(): string[] {
    const all = listInterfaces();
    return [...all.filter(({ up }) => up), ...all.filter(({ up }) => !up)].map(({ name }) => name);
  }

  get #isFD(): boolean {
    return this.mtu > 8;
  }

  /** The name by which the interface was opened. */
  get interfaceName(): string {
    return this.#socket.interfaceName;
  }

  /** The state of the link, as far as known; 'gone' while the interface does not exist; or 'closed'. */
  get state(): CANSocket['state'] {
    return this.#socket.state;
  }

  /**
   * The statistics of the socket. `received` counts data frames only. `unsupported` also counts remote frames, and
   * error frames without a {@link MediaError}.
   */
  get statistics(): SocketStatistics {
    const statistics = this.#socket.statistics;
    const { otherFrames = 0, unsupportedFrames = 0 } = this.#dispatcher ?? {};
    return {
      ...statistics,
      received: statistics.received - otherFrames,
      unsupported: statistics.unsupported + unsupportedFrames,
    };
  }

  /**
   * Starts to receive. The process stays alive until the media is closed, or {@link unref} is called.
   *
   * The handlers run on this thread. If a handler throws, or its promise rejects, the media emits 'error' (a process
   * warning if it has no listener) and continues to receive.
   *
   * @param noAutomaticRetransmission not supported: a change needs the interface to be down. The debug log notes it.
   * @throws {TypeError} `ERR_SOCKETCAN_INVALID_OPTION`
   * @throws {SocketCANError} `ERR_SOCKETCAN_ALREADY_STARTED`, `ERR_SOCKETCAN_CLOSED`
   */
  start(handler: ReceivedFramesHandler, noAutomaticRetransmission: boolean, errorHandler?: ErrorHandler): void {
    checkFunction('The handler', handler);
    if (errorHandler !== undefined) checkFunction('The error handler', errorHandler);
    if (this.#dispatcher !== undefined) {
      throw new SocketCANError('ERR_SOCKETCAN_ALREADY_STARTED', 'The media was already started. Call start() once.', {
        interface: this.interfaceName,
      });
    }
    const dispatcher = new Dispatcher(this.#socket, this.toString(), {
      onFrames: handler,
      onBusError: errorHandler,
      onException: (error) => {
        this.#reportError(error);
      },
    });
    // First the call that throws if the socket is closed.
    this.#socket.setErrorMask(errorHandler === undefined ? [] : MEDIA_ERROR_CLASSES);
    this.#socket.on('frames', (frames) => {
      dispatcher.dispatch(frames);
    });
    this.#dispatcher = dispatcher;
    if (noAutomaticRetransmission) {
      debug('%s: noAutomaticRetransmission is not supported', this);
    }
  }

  /**
   * Makes the kernel accept only frames that match one of these filters; with an empty set, no frames. More than
   * {@link numberOfAcceptanceFilters} filters are merged, and then accept additional frames.
   *
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FILTER` or `ERR_SOCKETCAN_INVALID_OPTION`; the old filters
   * stay
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`, with the first failure as `cause`
   */
  configureAcceptanceFilters(configuration: Iterable<FilterConfiguration>): void {
    const filters = Array.from(checkIterable<FilterConfiguration>('The configuration', configuration));
    this.#socket.setFilters(
      filters.length > MAX_FILTERS ? optimizeFilterConfigurations(filters, MAX_FILTERS) : filters,
    );
  }

  /**
   * Sends frames in the given order. Resolves when the kernel accepted the last frame or, with the number so far, at
   * the deadline. A deadline in the past sends no frame.
   *
   * @param monotonicDeadlineNs on the clock of process.hrtime.bigint(), in ns
   * @returns the number of frames that the kernel accepted
   * @throws {TypeError | RangeError} (as a rejection) `ERR_SOCKETCAN_INVALID_FRAME` or `ERR_SOCKETCAN_INVALID_OPTION`;
   * then no frame is sent
   * @throws {SocketCANError} `ERR_SOCKETCAN_CONFIGURATION`: the interface does not support CAN FD;
   * `ERR_SOCKETCAN_CLOSED`, also for a send in progress, with the first failure as `cause`
   */
  async send(frames: Iterable<Envelope>, monotonicDeadlineNs: bigint): Promise<number> {
    const envelopes = Array.from(checkIterable('The frames', frames)).map(checkEnvelope);
    checkBigint('The deadline', monotonicDeadlineNs);
    const result = await this.#socket.send(
      envelopes.map(({ frame }, index) => (this.#isFD ? asFD(frame, this.#brs) : asClassic(frame, index))),
      { deadlineNs: monotonicDeadlineNs, echo: envelopes.map(({ loopback }) => loopback) },
    );
    return result.sent;
  }

  /** Keeps the process alive while this media receives. This is the default. */
  ref(): this {
    this.#socket.ref();
    return this;
  }

  /** Lets the process end even while this media is open. */
  unref(): this {
    this.#socket.unref();
    return this;
  }

  /**
   * Closes the media. No handler is called afterwards. Resolves when the poller has released the socket and all
   * descriptors are closed. A second call is not an error.
   */
  close(): Promise<void> {
    return this.#socket.close();
  }

  /** Calls {@link SocketCANMedia.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Returns `SocketCANMedia('vcan0', mtu=64)`, the text that pycyphal prints. */
  override toString(): string {
    return `SocketCANMedia('${this.interfaceName}', mtu=${this.mtu})`;
  }

  /** Returns the text of {@link SocketCANMedia.toString}, for console.log(). */
  [inspect.custom](): string {
    return this.toString();
  }

  /** A listener for link events takes a thread, so the media adds its own only on request. */
  protected override beforeListener(event: string | symbol): void {
    if (!isLinkEvent(event) || this.#linkEvents.has(event)) return;
    this.#linkEvents.add(event);
    this.#socket.on(event, (at) => this.emit(event, at));
  }

  /** Unlike other emitters, a media without a listener for 'error' does not end the process. */
  #reportError(error: Error): void {
    debug('%s: %s', this, error.message);
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else process.emitWarning(error);
  }
}
