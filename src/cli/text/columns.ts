import { DataFrame, FrameFormat, RemoteFrame, type ErrorFrame, type Frame } from '../../index';
import { HEX_BYTES, hexIdentifier, hexNumber } from '../../hex';
import { errorWords } from './error-words';

/** CAN_ERR_FLAG of linux/can.h: the bit above an extended identifier. */
const ERROR_FLAG = 2 ** FrameFormat.Extended;

/** ` 00` to ` FF`. */
const BYTES: readonly string[] = HEX_BYTES.map((digits) => ` ${digits}`);

export interface ColumnOptions {
  /** Adds the data as characters, as candump -a does. */
  readonly ascii?: boolean;
  /** Describes error frames in words on the lines below, as candump -e does. */
  readonly errors?: boolean;
}

/**
 * Formats frames in candump's columns (can-utils, lib.c, sprint_long_canframe): `123   [4]  DE AD BE EF`. As in
 * candump, base identifiers are indented after the first extended one.
 */
export class Columns {
  readonly #ascii: boolean;
  readonly #errors: boolean;
  #indent = '';

  constructor({ ascii = false, errors = false }: ColumnOptions = {}) {
    this.#ascii = ascii;
    this.#errors = errors;
  }

  format(frame: Frame): string {
    if (frame instanceof DataFrame) return this.#data(frame);
    if (frame instanceof RemoteFrame) {
      return `${this.#identifier(frame)} [${frame.length}]  remote request`;
    }
    return this.#error(frame);
  }

  #data(frame: DataFrame): string {
    const { data, fd } = frame;
    const { length } = data;
    const count = fd ? `[${length < 10 ? '0' : ''}${length}] ` : ` [${length}] `;
    const text = this.#identifier(frame) + count + hex(data);
    return this.#ascii && length <= 8 ? text + ascii(data) : text;
  }

  /** Ten columns for an extended identifier, the last two are spaces. */
  #identifier({ format, identifier }: DataFrame | RemoteFrame): string {
    const text = `${hexIdentifier(format, identifier)}  `;
    if (format === FrameFormat.Base) return this.#indent + text;
    this.#indent = '     ';
    return text;
  }

  #error(frame: ErrorFrame): string {
    const { classMask, data } = frame.raw;
    const identifier = hexNumber(ERROR_FLAG + classMask, 8);
    const text = `${identifier}   [8] ${hex(data)}   ERRORFRAME`;
    return this.#errors ? `${text}\n\t${errorWords(frame).join('\n\t')}` : text;
  }
}

function hex(data: Uint8Array): string {
  let text = '';
  for (const byte of data) text += BYTES[byte] as string;
  return text;
}

/** The data as characters at a fixed column. A full stop replaces what is not printable. */
function ascii(data: Uint8Array): string {
  const gap = ' '.repeat(3 * (8 - data.length) + 3);
  const text = Array.from(data, (byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.'));
  return `${gap}'${text.join('')}'`;
}
