import { errorClassMask } from '../frame/error-frame';
import type { ErrorClass } from '../frame/error-names';
import type { RawEndpointOptions } from './endpoint';
import type { SendOrder } from './transmit/order';
import { invalidArgument, SocketCANError } from '../errors';
import { INVALID_FRAME } from '../options/invalid';
import { loopIsSupported, POLLER_KINDS, type PollerKind } from '../poller/kinds';
import type { CANFilter } from '../frame/can-filter';
import { checkFilters, type FilterUse } from './filters/check';

/** Options of a {@link CANSocket}; all of them can be left out. */
export interface CANSocketOptions {
  /** Receive CAN FD frames, and be allowed to send them. Default true. */
  readonly fd?: boolean;
  /**
   * Acceptance filters, 512 at most; a frame that matches any is received. Default: no filtering.
   * An empty list accepts neither data nor remote frames.
   */
  readonly filters?: readonly CANFilter[];
  /** A frame must match all filters instead of any. Default false. */
  readonly joinFilters?: boolean;
  /**
   * Merge more than 512 filters to 512, also in {@link CANSocket.setFilters}: all that was asked for
   * is accepted, and more. Only filters for data frames that are not inverted are merged, and none
   * with `joinFilters`. It takes time: 0.05 to 0.3 s for 4000 filters. Default false: too many are an error.
   */
  readonly optimizeFilters?: boolean;
  /** Error frames to receive, by class or as the mask of linux/can/error.h. Default: none, they can flood. */
  readonly errorMask?: number | readonly ErrorClass[];
  /** Receive the frames sent through this socket, marked `own`. Default false. */
  readonly receiveOwn?: boolean;
  /** Sent frames reach other sockets of this host. Default true; false makes a vcan mute. */
  readonly loopback?: boolean;
  /**
   * Receive buffer to ask the kernel for, in bytes of its memory (a frame takes 768, measured): 1 to
   * 2**30, default 2 MiB. Without CAP_NET_ADMIN it grants net.core.rmem_max; see
   * {@link CANSocket.receiveBufferSize} for what it did.
   */
  readonly receiveBufferSize?: number;
  /**
   * Times of reception: the kernel's (default), or those of the controller as well, as
   * `timestamp.hardwareNs`. An interface whose driver gives none falls back, with a process warning, and
   * {@link CANSocket.timestamps} tells.
   */
  readonly timestamps?: 'software' | 'hardware';
  /**
   * In which order frames of different calls of send() are handed over: as the calls were made ('fifo',
   * default), or that of their next frames which would win arbitration first ('priority'). Frames of one
   * call keep their order always; what the kernel has taken is not overtaken any more.
   */
  readonly sendOrder?: SendOrder;
  /**
   * Send buffer to ask the kernel for, in bytes of its memory, 1 to 2**30, or 'queue': as much as fits into
   * the interface's transmit queue, as the reference does it. Default: the kernel's own, as it measures
   * better, see docs/transmit.md.
   */
  readonly sendBufferSize?: number | 'queue';
  /**
   * Who receives: a thread of the library, which goes on while the main thread is busy ('thread', default),
   * or the event loop of the thread that made the socket ('loop'): half the processor time, and less latency,
   * of a frame that comes alone, no thread, and what the kernel's buffer does not hold is lost while that
   * thread is busy.
   */
  readonly poller?: PollerKind;
  /**
   * How long frames that come in quick succession may be kept waiting for each other, in ms, 0 to 100: they are
   * received and delivered together then, which takes less processor time; timers on a busy machine make it
   * longer. It begins with the fourth of frames that all come within that time, and ends when fewer than two
   * come in it. Default 0: not at all.
   */
  readonly coalesceMs?: number;
  /** Open the interface anew when it was removed and is there again. Default true; false: the socket closes. */
  readonly reopen?: boolean;
  /** Closes the socket when it is aborted. */
  readonly signal?: AbortSignal;
}

const RECEIVE_BUFFER_SIZE = 2 * 1024 * 1024;

function invalid(error: TypeError | RangeError): Error {
  return invalidArgument(error, 'ERR_SOCKETCAN_INVALID_OPTION');
}

function flag(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') {
    throw invalid(new TypeError(`The option ${name} must be a boolean, not ${typeof value}`));
  }
  return value;
}

/** An option that is an integer of [least, most]. */
export function integerOption(name: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') {
    throw invalid(new TypeError(`The option ${name} must be a number, not ${typeof value}`));
  }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalid(new RangeError(`The option ${name} must be an integer of [${least}, ${most}], not ${value}`));
  }
  return value;
}

/** An option that is one of some words. */
export function choiceOption<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T;
  const found = typeof value === 'string' ? JSON.stringify(value) : typeof value;
  const kind = typeof value === 'string' ? RangeError : TypeError;
  const words = choices.map((each) => `'${each}'`).join(' or ');
  throw invalid(new kind(`The option ${name} must be ${words}, not ${found}`));
}

/** An option that is an AbortSignal, or not given. */
export function signalOption(value: unknown): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw invalid(new TypeError(`The option signal must be an AbortSignal, not ${typeof value}`));
}

/** A mask of linux/can/error.h from a number or from names of classes. */
export function errorMaskOf(value: number | readonly ErrorClass[]): number {
  return typeof value === 'number'
    ? integerOption('errorMask', value, 0, 0x1fffffff)
    : errorClassMask(value, INVALID_FRAME);
}

export interface CheckedOptions extends Omit<RawEndpointOptions, 'filters'> {
  readonly filters: readonly CANFilter[] | undefined;
  readonly optimizeFilters: boolean;
  readonly sendOrder: SendOrder;
  readonly poller: PollerKind;
  readonly coalesceMs: number;
  readonly reopen: boolean;
  readonly signal: AbortSignal | undefined;
}

function sendBufferSizeOf(value: unknown): number | 'queue' | undefined {
  if (value === undefined || value === 'queue') return value;
  return integerOption('sendBufferSize', value, 1, 2 ** 30);
}

/** @throws {SocketCANError} `ERR_SOCKETCAN_UNSUPPORTED` */
function pollerOf(value: unknown): PollerKind {
  const kind = choiceOption('poller', value ?? 'thread', POLLER_KINDS);
  if (kind === 'loop' && !loopIsSupported()) {
    throw new SocketCANError(
      'ERR_SOCKETCAN_UNSUPPORTED',
      "The poller 'loop' needs koffi.node.poll, which this version of koffi has not; the poller 'thread' does not need it",
    );
  }
  return kind;
}

/** Merged filters pass more than each of them did: joined they would accept what was not asked for. */
function filterUse(options: CANSocketOptions): FilterUse {
  const joinFilters = flag('joinFilters', options.joinFilters, false);
  const optimizeFilters = flag('optimizeFilters', options.optimizeFilters, false);
  if (joinFilters && optimizeFilters) {
    throw invalid(
      new TypeError(
        'The options joinFilters and optimizeFilters exclude each other: joined filters cannot be merged without accepting what was not asked for',
      ),
    );
  }
  return { joinFilters, optimizeFilters };
}

/** @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_OPTION` or `..._FILTER`, naming option and value */
export function checkOptions(options: CANSocketOptions): CheckedOptions {
  const type = (options as unknown) === null ? 'null' : typeof options;
  if (type !== 'object') {
    throw invalid(new TypeError(`The options must be an object, not ${type}`));
  }
  const use = filterUse(options);
  return {
    ...use,
    fd: flag('fd', options.fd, true),
    loopback: flag('loopback', options.loopback, true),
    receiveOwn: flag('receiveOwn', options.receiveOwn, false),
    filters: options.filters === undefined ? undefined : checkFilters(options.filters, use),
    errorMask: errorMaskOf(options.errorMask ?? 0),
    timestamps: choiceOption('timestamps', options.timestamps ?? 'software', ['software', 'hardware']),
    sendOrder: choiceOption('sendOrder', options.sendOrder ?? 'fifo', ['fifo', 'priority']),
    poller: pollerOf(options.poller),
    coalesceMs: integerOption('coalesceMs', options.coalesceMs ?? 0, 0, 100),
    sendBufferSize: sendBufferSizeOf(options.sendBufferSize),
    reopen: flag('reopen', options.reopen, true),
    signal: signalOption(options.signal),
    receiveBufferSize: integerOption('receiveBufferSize', options.receiveBufferSize ?? RECEIVE_BUFFER_SIZE, 1, 2 ** 30),
  };
}
