import { DataFrame, ErrorFrame, FrameFormat, RemoteFrame, type Frame } from '../../index';
import { errorWords } from './error-words';

/** ` 00` to ` FF`. */
const BYTES: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => ` ${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);

export interface ColumnOptions {
  /** The data as characters too, as candump -a. */
  readonly ascii?: boolean;
  /** Error frames in words on the lines below, as candump -e. */
  readonly errors?: boolean;
}

/**
 * A frame in candump's columns (can-utils, lib.c, sprint_long_canframe): `123   [4]  DE AD BE EF`. Base
 * identifiers are set in once an extended one was seen, as there.
 */
export class Columns {
  readonly #ascii: boolean;
  readonly #errors: boolean;
  #indent = '';

  constructor({ ascii = false, errors = false }: ColumnOptions = {}) {
    this.#ascii = ascii;
    this.#errors = errors;
  }

  of(frame: Frame): string {
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

  /** Ten columns, of which the last is a space. */
  #identifier({ format, identifier }: DataFrame | RemoteFrame): string {
    const text = identifier.toString(16).toUpperCase();
    if (format === FrameFormat.Extended) {
      this.#indent = '     ';
      return `${text.padStart(8, '0')}  `;
    }
    const padded = `${this.#indent}${text.padStart(3, '0')}  `;
    return padded;
  }

  #error(frame: ErrorFrame): string {
    const { classMask, data } = frame.raw;
    const identifier = (0x20000000 + classMask).toString(16).toUpperCase();
    const text = `${identifier}   [8] ${hex(data)}   ERRORFRAME`;
    return this.#errors ? `${text}\n\t${errorWords(frame).join('\n\t')}` : text;
  }
}

function hex(data: Uint8Array): string {
  let text = '';
  for (const byte of data) text += BYTES[byte] as string;
  return text;
}

/** At a fixed column behind the data; what is not printable is a full stop. */
function ascii(data: Uint8Array): string {
  const gap = ' '.repeat(3 * (8 - data.length) + 3);
  const text = Array.from(data, (byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.'));
  return `${gap}'${text.join('')}'`;
}
