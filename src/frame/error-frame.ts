import { checkInteger, isUint8Array } from '../options/check';
import { describe } from '../options/describe';
import {
  ERROR_CLASSES,
  ErrorClass,
  KNOWN_CLASS_MASK,
  controllerNames,
  locationName,
  protocolNames,
  transceiverName,
  unknownName,
} from './error-names';
import { EXTENDED_IDENTIFIER_MASK } from './format';
import { INVALID_FRAME } from '../options/invalid';

/** Bytes of an error frame's data: CAN_ERR_DLC of linux/can/error.h. */
export const ERROR_FRAME_LENGTH = 8;

/**
 * The bits of some error classes together, as CAN_RAW_ERR_FILTER and {@link ErrorFrame} want them.
 *
 * @throws RangeError `ERR_SOCKETCAN_INVALID_FRAME` for a name that is no error class.
 */
export function errorClassMask(classes: Iterable<ErrorClass>): number {
  let mask = 0;
  for (const name of classes) {
    if (!Object.hasOwn(ErrorClass, name)) {
      const names = Object.keys(ErrorClass).join(', ');
      throw INVALID_FRAME.range(`An error class must be one of ${names}; found ${describe(name)}`);
    }
    mask |= ErrorClass[name];
  }
  return mask;
}

/**
 * What a driver reports of the bus and of its controller, decoded as linux/can/error.h lays it down.
 * It comes from the driver of this host and never was on the wire. Bits and values without a name
 * there are called `unknown-0x..` or are left in {@link raw}; nothing a driver sends is an error here.
 */
export class ErrorFrame {
  /** The classes whose bits are set, lowest bit first. Unnamed bits are in {@link raw} only. */
  readonly classes: readonly ErrorClass[];
  /** States of the controller (data[1]); empty without the class `controller`, or if unspecified. */
  readonly controller: readonly string[];
  /** Kinds of protocol violation (data[2]); empty without the class `protocol`, or if unspecified. */
  readonly protocol: readonly string[];
  /** Where in the frame the protocol was violated (data[3]); undefined if unspecified or no `protocol`. */
  readonly location: string | undefined;
  /** State of the transceiver's wires (data[4]); undefined if unspecified or no class `transceiver`. */
  readonly transceiver: string | undefined;
  /** Bit of the frame, 1 to 255, where arbitration was lost (data[0]); undefined if unspecified. */
  readonly lostArbitrationBit: number | undefined;
  /**
   * Transmit error counter, 0 to 255 (data[6]); undefined without the class `counters`. Kernels
   * older than that class (before 6.0) may have counters in {@link raw} nevertheless.
   */
  readonly txErrors: number | undefined;
  /** Receive error counter, 0 to 255 (data[7]); undefined without the class `counters`. */
  readonly rxErrors: number | undefined;
  /** As it came: all class bits (0 to 0x1FFFFFFF) and the 8 bytes. */
  readonly raw: {
    /** All class bits, 0 to 0x1FFFFFFF, without CAN_ERR_FLAG. */
    readonly classMask: number;
    /** All 8 bytes. */
    readonly data: Uint8Array;
  };

  /**
   * @param classMask bits of {@link ErrorClass}, 0 to 0x1FFFFFFF, without CAN_ERR_FLAG
   * @param data exactly 8 bytes; copied
   * @throws TypeError or RangeError `ERR_SOCKETCAN_INVALID_FRAME` for anything else.
   */
  constructor(classMask: number, data: Uint8Array) {
    checkInteger('The error class mask', classMask, 0, EXTENDED_IDENTIFIER_MASK, INVALID_FRAME);
    if (!isUint8Array(data)) {
      throw INVALID_FRAME.type(`The data must be a Uint8Array; found ${describe(data)}`);
    }
    if (data.length !== ERROR_FRAME_LENGTH) {
      throw INVALID_FRAME.range(`An error frame has exactly 8 bytes of data; found ${data.length}`);
    }
    const own = new Uint8Array(data);
    const [bit = 0, controller = 0, violation = 0, place = 0, wires = 0, , tx, rx] = own;
    const has = (name: ErrorClass): boolean => (classMask & ErrorClass[name]) !== 0;

    this.classes = ERROR_CLASSES.filter(([name]) => has(name)).map(([name]) => name);
    this.controller = has('controller') ? controllerNames(controller) : [];
    this.protocol = has('protocol') ? protocolNames(violation) : [];
    this.location = has('protocol') ? locationName(place) : undefined;
    this.transceiver = has('transceiver') ? transceiverName(wires) : undefined;
    this.lostArbitrationBit = has('lost-arbitration') && bit !== 0 ? bit : undefined;
    this.txErrors = has('counters') ? tx : undefined;
    this.rxErrors = has('counters') ? rx : undefined;
    this.raw = { classMask, data: own };
  }

  /** One line for people, like `error: controller (tx-passive), bus-error, counters (tx 128, rx 0)`. */
  toString(): string {
    const unnamed = this.raw.classMask & ~KNOWN_CLASS_MASK;
    const parts = this.classes.map((name) => {
      const detail = this.#detail(name);
      return detail === '' ? name : `${name} (${detail})`;
    });
    if (unnamed !== 0) parts.push(unknownName(unnamed));
    return `error: ${parts.length === 0 ? 'unspecified' : parts.join(', ')}`;
  }

  #detail(name: ErrorClass): string {
    switch (name) {
      case 'lost-arbitration':
        return this.lostArbitrationBit === undefined ? '' : `bit ${this.lostArbitrationBit}`;
      case 'controller':
        return this.controller.join(', ');
      case 'protocol': {
        const place = this.location === undefined ? [] : [`at ${this.location}`];
        return [...this.protocol, ...place].join(', ');
      }
      case 'transceiver':
        return this.transceiver ?? '';
      case 'counters':
        return `tx ${this.txErrors ?? 0}, rx ${this.rxErrors ?? 0}`;
      default:
        return '';
    }
  }
}
