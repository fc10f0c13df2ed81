import { checkBits, checkUint8Array } from '../options/check';
import { describe } from '../options/describe';
import { INVALID_FRAME, type Invalid } from '../options/invalid';
import {
  ERROR_CLASSES,
  ErrorClass,
  NAMED_CLASS_MASK,
  controllerNames,
  locationName,
  protocolNames,
  transceiverName,
  unknownName,
} from './error-names';
import { EXTENDED_IDENTIFIER_MASK } from './format';

/** Number of data bytes of an error frame: CAN_ERR_DLC of linux/can/error.h. */
export const ERROR_FRAME_LENGTH = 8;

/**
 * Combines the bits of error classes, for CAN_RAW_ERR_FILTER or an {@link ErrorFrame}.
 *
 * @throws {RangeError} with the code of `invalid` for an unknown name
 */
export function errorClassMask(classes: Iterable<ErrorClass>, invalid: Invalid): number {
  let mask = 0;
  for (const name of classes) {
    if (!Object.hasOwn(ErrorClass, name)) throw unknownClass(name, invalid);
    mask |= ErrorClass[name];
  }
  return mask;
}

function unknownClass(name: unknown, invalid: Invalid): RangeError {
  const names = ERROR_CLASSES.map(([each]) => each);
  const similar = typeof name === 'string' ? names.find((each) => isSimilar(each, name)) : undefined;
  const advice = similar === undefined ? '' : `. Did you mean '${similar}'?`;
  return invalid.range(`An error class must be one of ${names.join(', ')}; found ${describe(name)}${advice}`);
}

/** Tests whether one name contains the other, without case and separators: `ack` is similar to `no-ack`. */
function isSimilar(a: string, b: string): boolean {
  const [x, y] = [a, b].map((name) => name.toLowerCase().replace(/[^a-z]/g, '')) as [string, string];
  return y.length > 2 && (x.includes(y) || y.includes(x));
}

/**
 * An error frame: what the driver of this host reports about the bus and its controller, decoded as linux/can/error.h
 * defines it. It was never sent on the bus. Values that the header does not define are named `unknown-0x..`, and
 * undefined class bits are in {@link raw} only. No value from a driver is an error here.
 */
export class ErrorFrame {
  /** The classes that are set, lowest bit first. Bits without a name are in {@link raw} only. */
  readonly classes: readonly ErrorClass[];
  /** States of the controller (data[1]). Empty without the class `controller`, or if unspecified. */
  readonly controller: readonly string[];
  /** Kinds of protocol violation (data[2]). Empty without the class `protocol`, or if unspecified. */
  readonly protocol: readonly string[];
  /** Place of the violation in the frame (data[3]). Undefined without the class `protocol`, or if unspecified. */
  readonly location: string | undefined;
  /** State of the wires (data[4]). Undefined without the class `transceiver`, or if unspecified. */
  readonly transceiver: string | undefined;
  /** Bit of the frame, 1 to 255, where the controller lost arbitration (data[0]). Undefined if unspecified. */
  readonly lostArbitrationBit: number | undefined;
  /**
   * Transmit error counter, 0 to 255 (data[6]). Undefined without the class `counters`. Kernels before 6.0 lack that
   * class, but may write the counters to {@link raw}.
   */
  readonly txErrors: number | undefined;
  /** Receive error counter, 0 to 255 (data[7]). Undefined without the class `counters`. */
  readonly rxErrors: number | undefined;
  /** The undecoded frame. */
  readonly raw: {
    /** All class bits, 0 to 0x1FFFFFFF, without CAN_ERR_FLAG. */
    readonly classMask: number;
    /** All 8 bytes. */
    readonly data: Uint8Array;
  };

  /**
   * @param classMask bits of {@link ErrorClass}, 0 to 0x1FFFFFFF, without CAN_ERR_FLAG
   * @param data exactly 8 bytes; copied
   * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` for anything else
   */
  constructor(classMask: number, data: Uint8Array) {
    checkBits('The error class mask', classMask, EXTENDED_IDENTIFIER_MASK, INVALID_FRAME);
    checkUint8Array('The data', data, INVALID_FRAME);
    if (data.length !== ERROR_FRAME_LENGTH) {
      throw INVALID_FRAME.range(`The data of an error frame must have exactly 8 bytes; found ${data.length}`);
    }
    const own = new Uint8Array(data);
    const [bit = 0, controller = 0, protocol = 0, location = 0, transceiver = 0, , tx, rx] = own;
    const has = (name: ErrorClass): boolean => (classMask & ErrorClass[name]) !== 0;

    this.classes = ERROR_CLASSES.filter(([name]) => has(name)).map(([name]) => name);
    this.controller = has('controller') ? controllerNames(controller) : [];
    this.protocol = has('protocol') ? protocolNames(protocol) : [];
    this.location = has('protocol') ? locationName(location) : undefined;
    this.transceiver = has('transceiver') ? transceiverName(transceiver) : undefined;
    this.lostArbitrationBit = has('lost-arbitration') && bit !== 0 ? bit : undefined;
    this.txErrors = has('counters') ? tx : undefined;
    this.rxErrors = has('counters') ? rx : undefined;
    this.raw = { classMask, data: own };
  }

  /** Describes the frame in one line, like `error: controller (tx-passive), bus-error, counters (tx 128, rx 0)`. */
  toString(): string {
    const unnamed = this.raw.classMask & ~NAMED_CLASS_MASK;
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
        const location = this.location === undefined ? [] : [`at ${this.location}`];
        return [...this.protocol, ...location].join(', ');
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
