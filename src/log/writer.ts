import { checkObject } from '../options/check';
import { CANDUMP, checkDecimals } from './formats/candump';
import type { LogRecord } from './record';

/** Options of {@link formatLog}. */
export interface FormatLogOptions {
  /** Decimals of a second: 6 (microseconds, default; every can-utils reads it) or 9 (nanoseconds). */
  readonly decimals?: 6 | 9;
}

/** A chunk is complete when it has at least this number of UTF-16 units. */
const CHUNK_LENGTH = 16 * 1024;

/**
 * Formats records as a candump log. Each line ends with `\n`, and a chunk contains many lines: it yields all available
 * records together, and does not wait for the next record. {@link parseLog} reads the log back. To write a file, use
 * `pipeline(formatLog(records), createWriteStream(file))`.
 *
 * The iteration throws the error of {@link formatLogLine} for an invalid record.
 *
 * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` if `decimals` is neither 6 nor 9, at once
 */
export function formatLog(
  records: AsyncIterable<LogRecord> | Iterable<LogRecord>,
  options: FormatLogOptions = {},
): AsyncIterableIterator<string> {
  checkObject('The options', options);
  const { decimals = 6 } = options;
  checkDecimals(decimals);
  const toLine = (record: LogRecord): string => `${CANDUMP.formatRecord(record, decimals)}\n`;
  return Symbol.asyncIterator in records
    ? fromAsync(records[Symbol.asyncIterator](), toLine)
    : fromSync(records, toLine);
}

type ToLine = (record: LogRecord) => string;

// The generator is async because formatLog returns an async iterator for every kind of records.
// eslint-disable-next-line @typescript-eslint/require-await
async function* fromSync(records: Iterable<LogRecord>, toLine: ToLine): AsyncIterableIterator<string> {
  let chunk = '';
  for (const record of records) {
    chunk += toLine(record);
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

async function* fromAsync(records: AsyncIterator<LogRecord>, toLine: ToLine): AsyncIterableIterator<string> {
  let ended = false;
  try {
    let chunk = '';
    let turn = Promise.resolve<undefined>(undefined);
    let next = records.next();
    for (;;) {
      // With lines in the chunk, wait for the next record only until the end of this turn of the event loop.
      const result: IteratorResult<LogRecord, unknown> | undefined =
        chunk === '' ? await next : await Promise.race([next, turn]);
      if (result?.done === true) {
        ended = true;
        if (chunk !== '') yield chunk;
        return;
      }
      if (result !== undefined) {
        if (chunk === '') turn = endOfTurn();
        chunk += toLine(result.value);
        next = records.next();
        // A rejection surfaces when this function awaits `next`.
        next.catch(() => undefined);
        if (chunk.length < CHUNK_LENGTH) continue;
      }
      yield chunk;
      chunk = '';
    }
  } catch (error) {
    ended = true;
    throw error;
  } finally {
    if (!ended) await records.return?.();
  }
}

function endOfTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(resolve, undefined);
  });
}
