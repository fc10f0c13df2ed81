import { TextDecoder } from 'node:util';
import { parseLogLine, type LogRecord } from './formats/candump';
import { isUint8Array } from '../options/check';
import { describe } from '../options/describe';
import { INVALID_FRAME, INVALID_OPTION } from '../options/invalid';

/** A line of a log that cannot be read. */
export interface InvalidLogLine {
  /** From 1 on. */
  readonly lineNumber: number;
  /** The line, or its beginning where it is too long. */
  readonly text: string;
  /** What is wrong with it; the message begins with the line's number. */
  readonly error: RangeError;
}

/** How {@link parseLog} reads. */
export interface ParseLogOptions {
  /**
   * What to do with a line that begins as a record and is none: 'throw' (default) ends the reading with
   * an error, 'skip' passes over it, and a function is told and passes over it too, unless it throws.
   */
  readonly onInvalid?: 'throw' | 'skip' | ((line: InvalidLogLine) => void);
  /** Longest line that is read, in UTF-16 units, 1 to 2**24; default 4096. A longer one is invalid. */
  readonly maxLineLength?: number;
}

/**
 * Where a log comes from: pieces of it, cut anywhere, as text or as UTF-8, which a stream of Node is; or
 * all of it.
 */
export type LogSource = string | Uint8Array | AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

const MAX_LINE_LENGTH = 4096;

/**
 * Reads a candump log piece by piece, see {@link parseLogLine} for its lines. It takes the memory of one
 * piece and one line, however long the log is. Comments and empty lines are passed over. The source is
 * closed when the loop over the records is left.
 *
 * @throws RangeError `ERR_SOCKETCAN_INVALID_FRAME` naming the line by its number, unless `onInvalid` is
 * given; TypeError of the same code for a piece that is neither text nor bytes; both while it is read.
 * TypeError or RangeError `ERR_SOCKETCAN_INVALID_OPTION` at once for wrong options.
 */
export function parseLog(source: LogSource, options: ParseLogOptions = {}): AsyncIterableIterator<LogRecord> {
  const lines = new LineReader(checkLength(options.maxLineLength));
  const onInvalid = checkHandler(options.onInvalid);
  // Both are iterables themselves: of characters, of numbers.
  const pieces = typeof source === 'string' || isUint8Array(source) ? [source] : source;
  return read(pieces, lines, onInvalid);
}

async function* read(
  source: Exclude<LogSource, string | Uint8Array>,
  lines: LineReader,
  onInvalid: (line: InvalidLogLine) => void,
): AsyncIterableIterator<LogRecord> {
  const decoder = new TextDecoder();
  for await (const piece of source) {
    yield* recordsOf(lines.take(textOf(piece, decoder)), onInvalid);
  }
  yield* recordsOf(lines.take(decoder.decode()), onInvalid);
  yield* recordsOf(lines.end(), onInvalid);
}

/** @throws TypeError for what is neither text nor bytes */
function textOf(piece: unknown, decoder: TextDecoder): string {
  // Bytes of a character that no text can complete any more become U+FFFD.
  if (typeof piece === 'string') return decoder.decode() + piece;
  if (isUint8Array(piece)) return decoder.decode(piece, { stream: true });
  throw INVALID_FRAME.type(`A log must come as strings or Uint8Arrays; found a piece that is ${describe(piece)}`);
}

function* recordsOf(lines: Iterable<Line>, onInvalid: (line: InvalidLogLine) => void): Iterable<LogRecord> {
  for (const { lineNumber, text, tooLong } of lines) {
    let record: LogRecord | undefined;
    try {
      if (tooLong) throw INVALID_FRAME.range(`it is longer than ${text.length} characters`);
      record = parseLogLine(text);
    } catch (cause) {
      const why = (cause as Error).message;
      const error = Object.assign(INVALID_FRAME.range(`Line ${lineNumber} of the log: ${why}`), {
        cause,
      });
      onInvalid({ lineNumber, text, error });
    }
    if (record !== undefined) yield record;
  }
}

interface Line {
  readonly lineNumber: number;
  readonly text: string;
  /** Then the text is its beginning. */
  readonly tooLong: boolean;
}

/** Cuts text into lines and keeps no more than the beginning of one. */
class LineReader {
  readonly #most: number;
  #lineNumber = 0;
  #rest = '';
  /** The line's beginning was given out as too long; what remains of it is passed over. */
  #passing = false;

  constructor(most: number) {
    this.#most = most;
  }

  *take(text: string): Iterable<Line> {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      yield* this.#add(text.slice(from, end));
      from = end + 1;
      yield* this.end();
    }
    yield* this.#add(text.slice(from));
  }

  /** The line is complete. */
  *end(): Iterable<Line> {
    const text = this.#rest;
    this.#rest = '';
    if (this.#passing) this.#passing = false;
    else yield { lineNumber: ++this.#lineNumber, text, tooLong: false };
  }

  *#add(text: string): Iterable<Line> {
    if (this.#passing) return;
    this.#rest += text;
    if (this.#rest.length <= this.#most) return;
    const beginning = this.#rest.slice(0, this.#most);
    this.#rest = '';
    this.#passing = true;
    yield { lineNumber: ++this.#lineNumber, text: beginning, tooLong: true };
  }
}

function checkLength(value: unknown): number {
  if (value === undefined) return MAX_LINE_LENGTH;
  const rule = `The option maxLineLength must be an integer from 1 to ${2 ** 24}; found ${describe(value)}`;
  if (typeof value !== 'number') throw INVALID_OPTION.type(rule);
  if (!Number.isInteger(value) || value < 1 || value > 2 ** 24) throw INVALID_OPTION.range(rule);
  return value;
}

function checkHandler(value: unknown): (line: InvalidLogLine) => void {
  if (typeof value === 'function') return value as (line: InvalidLogLine) => void;
  if (value === 'skip') return () => undefined;
  if (value === undefined || value === 'throw') {
    return ({ error }) => {
      throw error;
    };
  }
  throw INVALID_OPTION.type(`The option onInvalid must be 'throw', 'skip' or a function; found ${describe(value)}`);
}
