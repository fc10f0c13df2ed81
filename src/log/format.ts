import type { LogRecord } from './record';

/** A text format for logs, with one line per record. Each file in formats/ implements one. */
export interface LogFormat {
  /**
   * Parses a line, with or without its line end. Returns undefined for a line that is not a record, for example a
   * comment. Throws a RangeError `ERR_SOCKETCAN_INVALID_FRAME` for an invalid record.
   */
  readonly parseLine: (line: string) => LogRecord | undefined;
  /**
   * Formats a record as a line without a line end. `decimals` is the number of decimals of a second. Throws a TypeError
   * or RangeError `ERR_SOCKETCAN_INVALID_FRAME` for an invalid record.
   */
  readonly formatRecord: (record: LogRecord, decimals: 6 | 9) => string;
}
