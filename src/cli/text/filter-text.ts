import { FrameFormat, type CANFilter, type CANSocketOptions } from '../../index';
import { UsageError } from '../main/command';

/* The flags of linux/can.h, as numbers that >>> 0 gives. */
const EFF = 0x80000000;
const RTR = 0x40000000;
const INVERTED = 0x20000000;

/** An interface to listen on, and what of it. */
export interface Selection extends Pick<CANSocketOptions, 'filters' | 'joinFilters' | 'errorMask'> {
  readonly interfaceName: string;
}

/**
 * Reads candump's `can0,123:7FF,400~7F0,#FFFFFFFF,j`: an interface, its filters (hex; `:` passes what
 * equals the identifier in the ones of the mask, `~` what does not; 8 digits are an extended identifier),
 * the mask of error frames, and j: a frame must pass all filters. In both numbers 80000000 is the flag of
 * extended frames and 40000000 that of remote frames; without a flag in the mask both kinds pass.
 *
 * @throws {UsageError}
 */
export function parseSelection(text: string): Selection {
  const [interfaceName = '', ...parts] = text.split(',');
  if (interfaceName === '') {
    throw new UsageError(`An interface must be named before its filters; found ${quote(text)}`);
  }
  const filters: CANFilter[] = [];
  let errorMask: number | undefined;
  let joinFilters = false;
  for (const part of parts) {
    const errors = /^#([0-9a-f]{1,8})$/i.exec(part)?.[1];
    if (/^j$/i.test(part)) joinFilters = true;
    else if (errors !== undefined) errorMask = Number.parseInt(errors, 16) & 0x1fffffff;
    else filters.push(parseFilter(part));
  }
  return {
    interfaceName,
    ...(filters.length === 0 ? {} : { filters, joinFilters }),
    ...(errorMask === undefined ? {} : { errorMask }),
  };
}

/** A filter in candump's syntax: 123:7FF or 123~7FF. @throws {UsageError} */
export function parseFilter(text: string): CANFilter {
  const match = /^(?:0x)?([0-9a-f]{1,8})([:~])(?:0x)?([0-9a-f]{1,8})$/i.exec(text);
  if (match === null) {
    throw new UsageError(
      `A filter must be IDENTIFIER:MASK or IDENTIFIER~MASK in hex, #ERRORMASK, or j; found ${quote(text)}`,
    );
  }
  const [, digits = '', sign, maskDigits = ''] = match;
  // Eight characters with 0x, if there is one, as candump counts them.
  const extended = text.search(/[:~]/) === 8 ? EFF : 0;
  const id = (Number.parseInt(digits, 16) | extended) >>> 0;
  const mask = Number.parseInt(maskDigits, 16);
  const format = has(mask, EFF) ? formatOf(id) : undefined;
  const bits = format === FrameFormat.Base ? 0x7ff : 0x1fffffff;
  return {
    identifier: id & bits,
    mask: mask & bits,
    ...(format === undefined ? {} : { format }),
    remote: has(mask, RTR) ? has(id, RTR) : 'any',
    inverted: sign === '~' || has(id, INVERTED),
  };
}

function has(value: number, flag: number): boolean {
  return (value & flag) !== 0;
}

function formatOf(id: number): FrameFormat {
  return has(id, EFF) ? FrameFormat.Extended : FrameFormat.Base;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
