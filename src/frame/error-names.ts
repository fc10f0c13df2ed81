/*
 * Names for the bits and values of linux/can/error.h, taken from the names of its constants. Values that the header
 * does not define are named unknown-0x.., because a future driver may send them.
 */

/** The error classes by name, with their bits in the identifier of an error frame and in CAN_RAW_ERR_FILTER. */
export const ErrorClass = {
  /** CAN_ERR_TX_TIMEOUT: the driver failed to send a frame in time. */
  'tx-timeout': 0x001,
  /** CAN_ERR_LOSTARB: the controller lost arbitration, see `lostArbitrationBit`. */
  'lost-arbitration': 0x002,
  /** CAN_ERR_CRTL: the state of the controller (overflow, warning, passive), see `controller`. */
  controller: 0x004,
  /** CAN_ERR_PROT: a protocol violation, see `protocol` and `location`. */
  protocol: 0x008,
  /** CAN_ERR_TRX: the state of the wires, see `transceiver`. */
  transceiver: 0x010,
  /** CAN_ERR_ACK: no node acknowledged a sent frame. */
  'no-ack': 0x020,
  /** CAN_ERR_BUSOFF: the controller has left the bus. */
  'bus-off': 0x040,
  /** CAN_ERR_BUSERROR: an error on the bus. There may be one for every frame. */
  'bus-error': 0x080,
  /** CAN_ERR_RESTARTED: the controller restarted after bus-off. */
  restarted: 0x100,
  /** CAN_ERR_CNT: the frame contains `txErrors` and `rxErrors` (kernel 6.0 or later). */
  counters: 0x200,
} as const;
/** The name of an error class. */
export type ErrorClass = keyof typeof ErrorClass;

/** Name and bit of every error class, lowest bit first. */
export const ERROR_CLASSES = Object.entries(ErrorClass) as readonly [ErrorClass, number][];

/** All class bits that have a name. */
export const NAMED_CLASS_MASK = ERROR_CLASSES.reduce((mask, [, bit]) => mask | bit, 0);

/** Names of the bits of data[1], lowest first. */
const CONTROLLER_BITS: readonly string[] = [
  'rx-overflow',
  'tx-overflow',
  'rx-warning',
  'tx-warning',
  'rx-passive',
  'tx-passive',
  'active',
];

/** Names of the bits of data[2], lowest first. */
const PROTOCOL_BITS: readonly string[] = ['bit', 'form', 'stuff', 'bit-0', 'bit-1', 'overload', 'active', 'tx'];

/** Names of the values of data[3]. */
const LOCATIONS: ReadonlyMap<number, string> = new Map([
  [0x02, 'id-28-21'],
  [0x03, 'sof'],
  [0x04, 'srtr'],
  [0x05, 'ide'],
  [0x06, 'id-20-18'],
  [0x07, 'id-17-13'],
  [0x08, 'crc-sequence'],
  [0x09, 'reserved-0'],
  [0x0a, 'data'],
  [0x0b, 'dlc'],
  [0x0c, 'rtr'],
  [0x0d, 'reserved-1'],
  [0x0e, 'id-04-00'],
  [0x0f, 'id-12-05'],
  [0x12, 'intermission'],
  [0x18, 'crc-delimiter'],
  [0x19, 'ack'],
  [0x1a, 'eof'],
  [0x1b, 'ack-delimiter'],
  // The header lacks these. The SJA1000 driver copies the segment codes of the chip's ECC register.
  [0x11, 'active-error-flag'],
  [0x13, 'tolerate-dominant-bits'],
  [0x16, 'passive-error-flag'],
  [0x17, 'error-delimiter'],
  [0x1c, 'overload-flag'],
]);

/** Names of the values of data[4]: the low half is CANH, the high half CANL. */
const CANH: ReadonlyMap<number, string> = new Map([
  [0x04, 'canh-no-wire'],
  [0x05, 'canh-short-to-battery'],
  [0x06, 'canh-short-to-vcc'],
  [0x07, 'canh-short-to-ground'],
]);
const CANL: ReadonlyMap<number, string> = new Map([
  [0x40, 'canl-no-wire'],
  [0x50, 'canl-short-to-battery'],
  [0x60, 'canl-short-to-vcc'],
  [0x70, 'canl-short-to-ground'],
  [0x80, 'canl-short-to-canh'],
]);

/** Names a value that the header does not define. */
export function unknownName(value: number): string {
  return `unknown-0x${value.toString(16).padStart(2, '0')}`;
}

function bitNames(byte: number, names: readonly string[]): string[] {
  const found: string[] = [];
  for (let bit = 0; bit < 8; bit++) {
    if ((byte & (1 << bit)) !== 0) found.push(names[bit] ?? unknownName(1 << bit));
  }
  return found;
}

/** Names the states of the controller in data[1]. */
export function controllerNames(byte: number): string[] {
  return bitNames(byte, CONTROLLER_BITS);
}

/** Names the kinds of protocol violation in data[2]. */
export function protocolNames(byte: number): string[] {
  return bitNames(byte, PROTOCOL_BITS);
}

/** Names the place in the frame in data[3]. Undefined for 0 (unspecified). */
export function locationName(byte: number): string | undefined {
  return byte === 0 ? undefined : (LOCATIONS.get(byte) ?? unknownName(byte));
}

/** Names the state of both wires in data[4], CANH first, separated by a comma. Undefined for 0 (unspecified). */
export function transceiverName(byte: number): string | undefined {
  const wires: string[] = [];
  const high = byte & 0x0f;
  const low = byte & 0xf0;
  if (high !== 0) wires.push(CANH.get(high) ?? unknownName(high));
  if (low !== 0) wires.push(CANL.get(low) ?? unknownName(low));
  return wires.length === 0 ? undefined : wires.join(',');
}
