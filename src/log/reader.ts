import { TextDecoder } from 'node:util';
import { checkInteger, checkObject, isUint8Array, invalidValue } from '../options/check';
import { INVALID_FRAME } from '../options/invalid';
import type { LogFormat } from './format';
import { CANDUMP } from './formats/candump';
import { LineReader, type Line } from './line-reader';
import type { LogRecord } from './record';

/** A line of a log that is not a valid record. */
export interface InvalidLogLine {
  /** The line number, from 1. */
  readonly lineNumber: number;
  /** The line, or its beginning if it is too long. */
  readonly text: string;
  /** The reason. Its message begins with the number of the line. */
  readonly error: RangeError;
}

/** Options of {@link parseLog}. */
export interface ParseLogOptions {
  /**
   * What to do with an invalid record: 'throw' (default) ends the iteration with an error, 'skip' ignores the line, and
   * a function is called with it. If the function does not throw, the line is ignored.
   */
  readonly onInvalid?: 'throw' | 'skip' | ((line: InvalidLogLine) => void);
  /** Maximum length of a line in UTF-16 units, 1 to 2**24; default 4096. A longer line is invalid. */
  readonly maxLineLength?: number;
}

/** The text of a log: the whole text, or chunks of any size, as strings or in UTF-8. A readable stream is a source. */
export type LogSource = string | Uint8Array | AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

const DEFAULT_LINE_LENGTH = 4096;
const MAX_LINE_LENGTH = 2 ** 24;

/**
 * Reads a candump log chunk by chunk, see {@link parseLogLine} for the format of its lines. It needs memory for one
 * chunk and one line, however long the log is. It skips comments and empty lines. When the loop over the records ends
 * early, it closes the source.
 *
 * The iteration throws:
 *
 * - RangeError `ERR_SOCKETCAN_INVALID_FRAME` with the number of the line for an invalid record, unless `onInvalid` is
 *   set
 * - TypeError `ERR_SOCKETCAN_INVALID_FRAME` for a chunk that is neither a string nor a Uint8Array
 *
 * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_OPTION` for invalid options, at once
 */
export function parseLog(source: LogSource, options: ParseLogOptions = {}): AsyncIterableIterator<LogRecord> {
  checkObject('The options', options);
  const { maxLineLength = DEFAULT_LINE_LENGTH } = options;
  const lines = new LineReader(checkInteger('The option maxLineLength', maxLineLength, 1, MAX_LINE_LENGTH));
  const onInvalid = invalidLineHandler(options.onInvalid);
  // Strings and Uint8Arrays are iterable too, as characters and numbers.
  const chunks = typeof source === 'string' || isUint8Array(source) ? [source] : source;
  return read(chunks, lines, CANDUMP, onInvalid);
}

async function* read(
  chunks: Exclude<LogSource, string | Uint8Array>,
  lines: LineReader,
  format: LogFormat,
  onInvalid: (line: InvalidLogLine) => void,
): AsyncIterableIterator<LogRecord> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    yield* parseLines(lines.take(decode(chunk, decoder)), format, onInvalid);
  }
  yield* parseLines(lines.take(decoder.decode()), format, onInvalid);
  yield* parseLines(lines.end(), format, onInvalid);
}

function decode(chunk: unknown, decoder: TextDecoder): string {
  // A string ends an incomplete UTF-8 character before it, which becomes U+FFFD.
  if (typeof chunk === 'string') return decoder.decode() + chunk;
  if (isUint8Array(chunk)) return decoder.decode(chunk, { stream: true });
  throw invalidValue('Each chunk of a log', 'a string or a Uint8Array', chunk, false, INVALID_FRAME);
}

function* parseLines(
  lines: Iterable<Line>,
  format: LogFormat,
  onInvalid: (line: InvalidLogLine) => void,
): Iterable<LogRecord> {
  for (const { lineNumber, text, tooLong } of lines) {
    let record: LogRecord | undefined;
    try {
      if (tooLong) throw INVALID_FRAME.range(`it is longer than ${text.length} characters`);
      record = format.parseLine(text);
    } catch (cause) {
      const reason = (cause as Error).message;
      const error = INVALID_FRAME.range(`Line ${lineNumber} of the log: ${reason}`);
      onInvalid({ lineNumber, text, error: Object.assign(error, { cause }) });
    }
    if (record !== undefined) yield record;
  }
}

function invalidLineHandler(value: unknown): (line: InvalidLogLine) => void {
  if (typeof value === 'function') return value as (line: InvalidLogLine) => void;
  if (value === 'skip') return () => undefined;
  if (value === undefined || value === 'throw') {
    return ({ error }) => {
      throw error;
    };
  }
  throw invalidValue('The option onInvalid', "'throw', 'skip' or a function", value, false);
}
