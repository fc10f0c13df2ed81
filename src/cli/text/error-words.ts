import type { ErrorFrame } from '../../index';

/*
 * The words of candump -e (can-utils, lib.c) for linux/can/error.h, so that programs that read candump's output can
 * read this one. The library's own names are in ErrorFrame.
 */

/** The words for each bit of the identifier. */
const CLASSES: readonly string[] = [
  'tx-timeout',
  'lost-arbitration',
  'controller-problem',
  'protocol-violation',
  'transceiver-status',
  'no-acknowledgement-on-tx',
  'bus-off',
  'bus-error',
  'restarted-after-bus-off',
];
const LOST_ARBITRATION = 1;
const CONTROLLER = 2;
const PROTOCOL = 3;

/** The words for each bit of data[1]. */
const CONTROLLER_PROBLEMS: readonly string[] = [
  'rx-overflow',
  'tx-overflow',
  'rx-error-warning',
  'tx-error-warning',
  'rx-error-passive',
  'tx-error-passive',
  'back-to-error-active',
];

/** The words for each bit of data[2]. */
const VIOLATIONS: readonly string[] = [
  'single-bit-error',
  'frame-format-error',
  'bit-stuffing-error',
  'tx-dominant-bit-error',
  'tx-recessive-bit-error',
  'bus-overload',
  'active-error',
  'error-on-tx',
];

/** The words for each value of data[3]. Values in between that have no words are unspecified. */
const LOCATIONS: Readonly<Record<number, string>> = {
  0x02: 'id.28-to-id.21',
  0x03: 'start-of-frame',
  0x04: 'bit-srtr',
  0x05: 'bit-ide',
  0x06: 'id.20-to-id.18',
  0x07: 'id.17-to-id.13',
  0x08: 'crc-sequence',
  0x09: 'reserved-bit-0',
  0x0a: 'data-field',
  0x0b: 'data-length-code',
  0x0c: 'bit-rtr',
  0x0d: 'reserved-bit-1',
  0x0e: 'id.4-to-id.0',
  0x0f: 'id.12-to-id.5',
  0x11: 'active-error-flag',
  0x12: 'intermission',
  0x13: 'tolerate-dominant-bits',
  0x16: 'passive-error-flag',
  0x17: 'error-delimiter',
  0x18: 'crc-delimiter',
  0x19: 'acknowledge-slot',
  0x1a: 'end-of-frame',
  0x1b: 'acknowledge-delimiter',
  0x1c: 'overload-flag',
};
const LAST_LOCATION = 0x1f;

function namesOf(bits: number, names: readonly string[]): string {
  return names.filter((_, bit) => (bits >>> bit) & 1).join(',');
}

function location(value: number): string {
  return value === 0 || value > LAST_LOCATION ? '' : (LOCATIONS[value] ?? 'unspecified');
}

/** An error frame in words, a line each: its classes, then the error counters if they are not 0. */
export function errorWords({ raw: { classMask, data } }: ErrorFrame): string[] {
  const [bit = 0, controller = 0, violation = 0, place = 0, , , tx = 0, rx = 0] = data;
  const lines = CLASSES.flatMap((name, index) => {
    if (((classMask >>> index) & 1) === 0) return [];
    if (index === LOST_ARBITRATION) return [`${name}{at bit ${bit}}`];
    if (index === CONTROLLER) return [`${name}{${namesOf(controller, CONTROLLER_PROBLEMS)}}`];
    if (index === PROTOCOL) return [`${name}{{${namesOf(violation, VIOLATIONS)}}{${location(place)}}}`];
    return [name];
  });
  if (tx !== 0 || rx !== 0) lines.push(`error-counter-tx-rx{{${tx}}{${rx}}}`);
  return lines;
}
