import type { TimestampSource } from '../channel/endpoint';
import { SocketCANError } from '../errors';
import type { CANFilter } from '../frame/can-filter';
import { errorClassMask } from '../frame/error-frame';
import type { ErrorClass } from '../frame/error-names';
import { EXTENDED_IDENTIFIER_MASK } from '../frame/format';
import {
  checkBits,
  checkBoolean,
  checkChoice,
  checkInteger,
  checkIterable,
  checkObject,
  checkSignal,
} from '../options/check';
import { INVALID_OPTION } from '../options/invalid';
import { loopIsSupported, POLLER_KINDS, type PollerKind } from '../poller/kinds';
import { DEFAULT_RECEIVE_BUFFER_SIZE } from '../receive-buffer';
import type { RawEndpointOptions } from './endpoint';
import { checkFilters, type FilterListOptions } from './filters/check';
import { SEND_ORDERS, type SendOrder } from './transmit/order';

/** Options of a {@link CANSocket}. All of them can be omitted. */
export interface CANSocketOptions {
  /** Receive CAN FD frames, and allow to send them. Default true. */
  readonly fd?: boolean;
  /**
   * Acceptance filters, at most 512: the socket receives the frames that match any of them. Without filters it
   * receives all frames. With an empty list it receives neither data nor remote frames.
   */
  readonly filters?: readonly CANFilter[];
  /** A frame must match all filters instead of any. Default false. */
  readonly joinFilters?: boolean;
  /**
   * Merge more than 512 filters to 512, also in {@link CANSocket.setFilters}. The merged filters accept all frames
   * that the given ones accept, and others. Only plain filters for data frames are merged, neither inverted nor
   * joined ones. 4000 filters take 0.05 to 0.3 s. Default false: more than 512 filters are an error.
   */
  readonly optimizeFilters?: boolean;
  /**
   * Error frames to receive, by class or as the mask of linux/can/error.h. Default: none, since a broken bus can
   * produce very many.
   */
  readonly errorMask?: number | readonly ErrorClass[];
  /** Receive the frames that this socket sends, marked `own`. Default false. */
  readonly receiveOwn?: boolean;
  /**
   * Other sockets of this host receive the sent frames. Default true. With false, nobody receives the frames sent on
   * a vcan.
   */
  readonly loopback?: boolean;
  /**
   * The receive buffer to ask the kernel for, in bytes of kernel memory (a frame takes 768, measured): 1 to 2**30,
   * default 2 MiB. Without CAP_NET_ADMIN the kernel grants at most net.core.rmem_max.
   * {@link CANSocket.receiveBufferSize} has the granted size.
   */
  readonly receiveBufferSize?: number;
  /**
   * The source of timestamps: the kernel (default), or also the controller, as `timestamp.hardwareNs`. If the driver
   * has no hardware timestamps, the socket uses those of the kernel and emits a process warning.
   * {@link CANSocket.timestamps} has the source in use.
   */
  readonly timestamps?: 'software' | 'hardware';
  /**
   * The order in which the frames of different calls of send() are sent. 'fifo' (default): the order of the calls.
   * 'priority': of the next frames of all calls, the one that wins arbitration goes first. The frames of one call
   * keep their order, and no frame overtakes those that the kernel has accepted.
   */
  readonly sendOrder?: SendOrder;
  /**
   * The send buffer to ask the kernel for, in bytes of kernel memory: 1 to 2**30, or 'queue': as much as the
   * interface's transmit queue holds, as in pycyphal. Default: the kernel's own size, which measures better, see
   * docs/transmit.md.
   */
  readonly sendBufferSize?: number | 'queue';
  /**
   * Who receives. 'thread' (default): a thread of the library, which continues while the main thread is busy.
   * 'loop': the event loop of the thread that opened the socket. It needs no thread, and an isolated frame takes half
   * the processor time and arrives earlier. While the event loop is busy, frames wait in the receive buffer, and the
   * kernel drops those that do not fit.
   */
  readonly poller?: PollerKind;
  /**
   * The longest time that frames in quick succession wait for each other, in ms: 0 to 100. The socket then receives
   * and delivers them together, which takes less processor time. On a busy machine, late timers make it longer.
   * Waiting begins with the fourth of frames that all arrive within that time, and ends when fewer than two do.
   * Default 0: frames never wait.
   */
  readonly coalesceMs?: number;
  /** Open the interface again when it returns after it was removed. Default true. With false the socket closes. */
  readonly reopen?: boolean;
  /** Closes the socket when it is aborted. */
  readonly signal?: AbortSignal;
}

/** {@link CANSocketOptions} after the checks, with defaults. */
export interface CheckedOptions extends Omit<RawEndpointOptions, 'filters'>, FilterListOptions {
  readonly filters: readonly CANFilter[] | undefined;
  readonly sendOrder: SendOrder;
  readonly poller: PollerKind;
  readonly coalesceMs: number;
  readonly reopen: boolean;
  readonly signal: AbortSignal | undefined;
}

const MAX_BUFFER_SIZE = 2 ** 30;
const MAX_COALESCE_MS = 100;
/** CAN_ERR_MASK of linux/can.h: an error frame has its classes in place of the identifier. */
const MAX_ERROR_MASK = EXTENDED_IDENTIFIER_MASK;

const TIMESTAMP_SOURCES: readonly TimestampSource[] = ['software', 'hardware'];

/** @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_OPTION` or `..._FILTER`, naming option and value */
export function checkOptions(options: CANSocketOptions): CheckedOptions {
  const given = checkObject('The options', options);
  const filterOptions = checkFilterOptions(given);
  return {
    ...filterOptions,
    filters: given.filters === undefined ? undefined : checkFilters(given.filters, filterOptions),
    canFD: flag('fd', given.fd, true),
    loopback: flag('loopback', given.loopback, true),
    receiveOwn: flag('receiveOwn', given.receiveOwn, false),
    errorMask: checkErrorMask('The option errorMask', given.errorMask ?? 0),
    timestamps: checkChoice('The option timestamps', given.timestamps ?? 'software', TIMESTAMP_SOURCES),
    sendOrder: checkChoice('The option sendOrder', given.sendOrder ?? 'fifo', SEND_ORDERS),
    poller: checkPoller(given.poller ?? 'thread'),
    coalesceMs: checkInteger('The option coalesceMs', given.coalesceMs ?? 0, 0, MAX_COALESCE_MS),
    receiveBufferSize: bufferSize('receiveBufferSize', given.receiveBufferSize ?? DEFAULT_RECEIVE_BUFFER_SIZE),
    sendBufferSize: checkSendBufferSize(given.sendBufferSize),
    reopen: flag('reopen', given.reopen, true),
    signal: checkSignal('The option signal', given.signal),
  };
}

/** Returns the mask of linux/can/error.h for a mask or for names of error classes. */
export function checkErrorMask(what: string, value: unknown): number {
  if (typeof value === 'number') return checkBits(what, value, MAX_ERROR_MASK);
  const classes = checkIterable<ErrorClass>(what, value, INVALID_OPTION, 'a mask or an array of error classes');
  return errorClassMask(classes, INVALID_OPTION);
}

function flag(name: string, value: unknown, fallback: boolean): boolean {
  return value === undefined ? fallback : checkBoolean(`The option ${name}`, value);
}

function bufferSize(name: string, value: unknown): number {
  return checkInteger(`The option ${name}`, value, 1, MAX_BUFFER_SIZE);
}

function checkSendBufferSize(value: unknown): number | 'queue' | undefined {
  return value === undefined || value === 'queue' ? value : bufferSize('sendBufferSize', value);
}

/** @throws {SocketCANError} `ERR_SOCKETCAN_UNSUPPORTED` */
function checkPoller(value: unknown): PollerKind {
  const kind = checkChoice('The option poller', value, POLLER_KINDS);
  if (kind === 'loop' && !loopIsSupported()) {
    throw new SocketCANError(
      'ERR_SOCKETCAN_UNSUPPORTED',
      "The installed version of koffi lacks koffi.node.poll, which the poller 'loop' needs: use the poller 'thread'",
    );
  }
  return kind;
}

function checkFilterOptions(options: CANSocketOptions): FilterListOptions {
  const joinFilters = flag('joinFilters', options.joinFilters, false);
  const optimizeFilters = flag('optimizeFilters', options.optimizeFilters, false);
  // A merged filter accepts more frames. Joined with others, it would accept frames that nobody asked for.
  if (joinFilters && optimizeFilters) {
    throw INVALID_OPTION.type(
      'The options joinFilters and optimizeFilters exclude each other: joined filters cannot be merged',
    );
  }
  return { joinFilters, optimizeFilters };
}
