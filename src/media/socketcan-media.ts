import { debuglog, inspect } from 'node:util';
import { SocketCANError } from '../errors';
import { DataFrame } from '../frame/data-frame';
import { ErrorFrame } from '../frame/error-frame';
import type { FilterConfiguration } from '../frame/filter-configuration';
import { optimizeFilterConfigurations } from '../frame/optimize-filters';
import { CANSocket } from '../raw/can-socket';
import type { CANSocketEvents } from '../raw/events';
import { listInterfaces } from '../netlink/list-interfaces';
import { ListeningEmitter } from '../channel/listening-emitter';
import type { CANSocketOptions } from '../raw/options';
import type { ReceivedFrame } from '../raw/receive/received-frame';
import type { SocketStatistics } from '../raw/statistics';
import { MEDIA_ERROR_CLASSES, mediaErrors } from './bus-errors';
import { asClassic, asFD, checkEnvelope, checkFunction, checkMTU, checkType, listOf } from './check';
import type { Envelope, ErrorHandler, Media, ReceivedEnvelope, ReceivedFramesHandler } from './media';

const debug = debuglog('socketcan');

/** As many filters as a CAN_RAW socket takes. */
const NUMBER_OF_ACCEPTANCE_FILTERS = 512;

const VALID_MTU_SET: ReadonlySet<number> = new Set([8, 12, 16, 20, 24, 32, 48, 64]);

/** Options of a {@link SocketCANMedia}; all of them can be left out. */
export interface SocketCANMediaOptions extends Pick<
  CANSocketOptions,
  'receiveBufferSize' | 'reopen' | 'signal' | 'poller' | 'coalesceMs'
> {
  /** Send CAN FD frames without switching the bit rate. Default false: with. */
  readonly disableBRS?: boolean;
}

/**
 * The events of {@link CANSocket}, but for 'frames', which go to the handler of start(). An 'error' is a
 * failure that closes the media, or an exception of a handler, which does not.
 */
export type SocketCANMediaEvents = Omit<CANSocketEvents, 'frames'>;

const LINK_EVENTS = ['down', 'up', 'gone', 'back'] as const;

function isLinkEvent(event: string | symbol): event is (typeof LINK_EVENTS)[number] {
  return (LINK_EVENTS as readonly (string | symbol)[]).includes(event);
}

/**
 * The port of PyUAVCAN's SocketCANMedia: the media contract over a raw CAN socket.
 *
 * What it does otherwise than the reference, and why:
 * - it opens an interface that is down, and survives a link that goes down: traffic flows again when
 *   the link is up, where the reference refuses the first and closes for good after the second; it
 *   survives an interface that is removed and made again, too (unless `reopen` is false);
 * - loopback stays on from the first request and echoes are matched to what was sent, where the
 *   reference toggles it frame by frame and loses echoes of real controllers;
 * - requested echoes pass the acceptance filters;
 * - remote and malformed frames are counted and cost no other frame;
 * - every frame has a monotonic time of its own, not one a batch;
 * - a full transmit queue is waited for until the deadline, where the reference raises ENOBUFS;
 * - a filter that cannot be set is an error, not a line in a log;
 * - start() on a closed media throws.
 *
 * As in the reference, the MTU decides classic or FD and is not enforced on send beyond that: a
 * media of MTU 12 sends frames of 64 bytes, every frame of an FD media is sent as a CAN FD frame, and a
 * classic media sends a CAN FD frame of up to 8 bytes as a classic one.
 */
export class SocketCANMedia extends ListeningEmitter<SocketCANMediaEvents> implements Media {
  /** Bytes of payload: 8 is classic CAN, more is CAN FD. */
  static readonly VALID_MTU_SET = VALID_MTU_SET;

  readonly mtu: number;
  readonly numberOfAcceptanceFilters = NUMBER_OF_ACCEPTANCE_FILTERS;
  readonly #socket: CANSocket;
  readonly #brs: boolean;
  readonly #followed = new Set<string>();
  #handler: ReceivedFramesHandler | undefined;
  #errorHandler: ErrorHandler | undefined;
  /** Received frames that were no data frames, and those among them that nobody was told of. */
  #others = 0;
  #unsupported = 0;

  /**
   * Opens the interface; from now on the kernel queues what is received.
   *
   * @param mtu one of {@link SocketCANMedia.VALID_MTU_SET}; CAN FD is not possible with 8
   * @throws {RangeError} `ERR_SOCKETCAN_INVALID_MTU`, before any system call
   * @throws {SystemError} as the constructor of {@link CANSocket}
   */
  constructor(interfaceName: string, mtu: number, options: SocketCANMediaOptions = {}) {
    super();
    this.mtu = checkMTU(mtu, VALID_MTU_SET);
    const { disableBRS = false, ...socketOptions } = options;
    checkType('option disableBRS', disableBRS, 'boolean');
    this.#brs = !disableBRS;
    this.#socket = new CANSocket(interfaceName, { ...socketOptions, fd: this.#isFD });
    this.#socket.on('overflow', (lost) => this.emit('overflow', lost));
    this.#socket.on('error', (error) => {
      this.#report(error);
    });
    this.#socket.on('close', () => this.emit('close'));
  }

  /**
   * The CAN interfaces of this network namespace, whatever their names, those that are up first.
   * Never throws; empty where SocketCAN does not exist.
   */
  static listAvailableInterfaceNames(): string[] {
    const all = listInterfaces();
    return [...all.filter(({ up }) => up), ...all.filter(({ up }) => !up)].map(({ name }) => name);
  }

  /** A socket follows its link from the first listener on, which takes a thread: not before it is asked for. */
  protected override beforeListener(event: string | symbol): void {
    if (!isLinkEvent(event) || this.#followed.has(event)) return;
    this.#followed.add(event);
    this.#socket.on(event, (at) => this.emit(event, at));
  }

  get #isFD(): boolean {
    return this.mtu > 8;
  }

  /** The name it was opened by. */
  get interfaceName(): string {
    return this.#socket.interfaceName;
  }

  /** What is known of the link: 'down', 'gone' while there is no such interface, 'closed'. */
  get state(): CANSocket['state'] {
    return this.#socket.state;
  }

  /** As of the socket; `unsupported` has the remote frames, too, which are none to a media. */
  get statistics(): SocketStatistics {
    const statistics = this.#socket.statistics;
    return {
      ...statistics,
      received: statistics.received - this.#others,
      unsupported: statistics.unsupported + this.#unsupported,
    };
  }

  /**
   * Begins to receive; the process stays alive until the media is closed, or {@link unref}.
   *
   * The handlers are called on this thread. What a handler throws, or a promise it returns is rejected
   * with, is reported ('error', or a process warning where nobody listens) and reception goes on.
   *
   * @param noAutomaticRetransmission not supported here, noted in the debug log: the interface has
   * to be down to change it
   * @throws {SocketCANError} `ERR_SOCKETCAN_ALREADY_STARTED`, `ERR_SOCKETCAN_CLOSED`
   */
  start(handler: ReceivedFramesHandler, noAutomaticRetransmission: boolean, errorHandler?: ErrorHandler): void {
    checkFunction('handler', handler);
    if (errorHandler !== undefined) checkFunction('error handler', errorHandler);
    if (this.#handler !== undefined) {
      throw new SocketCANError('ERR_SOCKETCAN_ALREADY_STARTED', 'The RX frame handler is already set up', {
        interface: this.interfaceName,
      });
    }
    // On a closed socket this throws, before anything is set up.
    this.#socket.setErrorMask(errorHandler === undefined ? [] : MEDIA_ERROR_CLASSES);
    this.#socket.on('frames', (frames) => {
      this.#receive(frames);
    });
    this.#handler = handler;
    this.#errorHandler = errorHandler;
    if (noAutomaticRetransmission) {
      debug('%s non-automatic retransmission is not supported', this);
    }
  }

  /**
   * Has the kernel accept only what one of these filters accepts; of an empty set, nothing. More
   * than {@link numberOfAcceptanceFilters} are merged as far as needed: then more is accepted.
   *
   * @throws {TypeError} `ERR_SOCKETCAN_INVALID_FILTER` / `_OPTION`; the old filters stay
   * @throws {SocketCANError} `ERR_SOCKETCAN_CLOSED`, with the first failure as `cause`
   */
  configureAcceptanceFilters(configuration: Iterable<FilterConfiguration>): void {
    const filters = listOf('configuration', configuration);
    this.#socket.setFilters(
      filters.length > NUMBER_OF_ACCEPTANCE_FILTERS
        ? optimizeFilterConfigurations(filters, NUMBER_OF_ACCEPTANCE_FILTERS)
        : filters,
    );
  }

  /**
   * Sends in the order given, and resolves when the last frame was handed to the kernel, or with the
   * number so far when the deadline comes. A deadline in the past sends nothing.
   *
   * @throws {TypeError | RangeError} (as a rejection) `ERR_SOCKETCAN_INVALID_FRAME` before any is sent
   * @throws {SocketCANError} `ERR_SOCKETCAN_CONFIGURATION`: the interface has no CAN FD;
   * `ERR_SOCKETCAN_CLOSED`, also for a send in progress, with the first failure as `cause`
   */
  async send(frames: Iterable<Envelope>, monotonicDeadlineNs: bigint): Promise<number> {
    const envelopes = listOf('frames', frames).map(checkEnvelope);
    checkType('deadline', monotonicDeadlineNs, 'bigint');
    const result = await this.#socket.send(
      envelopes.map(({ frame }, index) => (this.#isFD ? asFD(frame, this.#brs) : asClassic(frame, index))),
      { deadlineNs: monotonicDeadlineNs, echo: envelopes.map(({ loopback }) => loopback) },
    );
    return result.sent;
  }

  /** The process stays alive while this media receives; the default. */
  ref(): this {
    this.#socket.ref();
    return this;
  }

  /** The process may end though this media is open. */
  unref(): this {
    this.#socket.unref();
    return this;
  }

  /**
   * No handler is called after this. Resolves when the thread has let go of the socket and all
   * descriptors are closed. Again is no error.
   */
  close(): Promise<void> {
    return this.#socket.close();
  }

  /** {@link SocketCANMedia.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** `SocketCANMedia('vcan0', mtu=64)`, as the reference prints itself. */
  override toString(): string {
    return `SocketCANMedia('${this.interfaceName}', mtu=${this.mtu})`;
  }

  /** The same, for console.log(). */
  [inspect.custom](): string {
    return this.toString();
  }

  /** An error frame splits a batch: its handler is called after the frames before it. */
  #receive(received: readonly ReceivedFrame[]): void {
    let batch: ReceivedEnvelope[] = [];
    for (const { frame, timestamp, own } of received) {
      if (frame instanceof DataFrame) {
        batch.push({ frame, timestamp, loopback: own });
        continue;
      }
      this.#others++;
      const errors = frame instanceof ErrorFrame ? mediaErrors(frame) : [];
      if (errors.length === 0) {
        this.#unsupported++;
        debug('%s: unsupported CAN frame dropped: %s', this, frame);
        continue;
      }
      this.#handle(batch);
      batch = [];
      for (const error of errors) {
        debug('%s on %s', error, this.interfaceName);
        this.#call(() => this.#errorHandler?.(timestamp, error), 'error handler');
      }
    }
    this.#handle(batch);
  }

  #handle(batch: readonly ReceivedEnvelope[]): void {
    if (batch.length === 0) return;
    this.#call(() => this.#handler?.(batch), `receive handler; lost frames: ${batch.length}`);
  }

  /** A handler may close the media, throw, or be async; nothing of that may cost the other frames. */
  #call(handler: () => unknown, where: string): void {
    if (this.state === 'closed') return;
    const report = (error: unknown): void => {
      this.#report(
        new SocketCANError('ERR_SOCKETCAN_HANDLER', `${String(this)}: unhandled exception in the ${where}`, {
          cause: error,
          interface: this.interfaceName,
        }),
      );
    };
    try {
      const result = handler();
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  }

  /** Unlike other emitters' errors, a media's do not end a process that does not listen to them. */
  #report(error: Error): void {
    debug('%s: %s', this, error.message);
    if (this.listenerCount('error') > 0) this.emit('error', error);
    else process.emitWarning(error);
  }
}
