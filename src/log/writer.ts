import { checkDecimals, formatLogLine, type LogRecord } from './formats/candump';

/** How {@link formatLog} writes. */
export interface FormatLogOptions {
  /** 6 (microseconds, default; every can-utils reads it) or 9 (nanoseconds). */
  readonly decimals?: 6 | 9;
}

/** Lines are given out together up to about this many characters. */
const PIECE_LENGTH = 16 * 1024;

/**
 * Writes records as a candump log, each line ended by `\n`, in pieces of many lines: what is at hand is
 * given out together, and nothing waits for a record that is not there yet. {@link parseLog} reads it
 * back. `pipeline(formatLog(records), createWriteStream(file))` makes a file.
 *
 * @throws as {@link formatLogLine}: at once for `decimals`, while it is read for a record
 */
export function formatLog(
  records: AsyncIterable<LogRecord> | Iterable<LogRecord>,
  { decimals = 6 }: FormatLogOptions = {},
): AsyncIterableIterator<string> {
  checkDecimals(decimals);
  return Symbol.asyncIterator in records
    ? fromAsync(records[Symbol.asyncIterator](), decimals)
    : fromSync(records, decimals);
}

// It is asynchronous for its reader only.
// eslint-disable-next-line @typescript-eslint/require-await
async function* fromSync(records: Iterable<LogRecord>, decimals: 6 | 9): AsyncIterableIterator<string> {
  let piece = '';
  for (const record of records) {
    piece += `${formatLogLine(record, decimals)}\n`;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

async function* fromAsync(records: AsyncIterator<LogRecord>, decimals: 6 | 9): AsyncIterableIterator<string> {
  let ended = false;
  try {
    let piece = '';
    let turn = Promise.resolve<undefined>(undefined);
    let next = records.next();
    for (;;) {
      // With something to give out, a record is waited for no longer than this turn of the event loop.
      const result: IteratorResult<LogRecord, unknown> | undefined =
        piece === '' ? await next : await Promise.race([next, turn]);
      if (result?.done === true) {
        ended = true;
        if (piece !== '') yield piece;
        return;
      }
      if (result !== undefined) {
        if (piece === '') turn = endOfTurn();
        piece += `${formatLogLine(result.value, decimals)}\n`;
        next = records.next();
        // Its failure is met when it is waited for.
        next.catch(() => undefined);
        if (piece.length < PIECE_LENGTH) continue;
      }
      yield piece;
      piece = '';
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
