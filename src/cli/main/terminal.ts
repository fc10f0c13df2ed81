import type { Clock } from '../../clock';
import type { TerminalOutput } from './output';

/** Where input comes from: process.stdin, or any stream in tests. */
export interface TerminalInput extends AsyncIterable<string | Uint8Array> {
  readonly isTTY?: boolean;
  /** Delivers each key at once and without echo. Exists only on a terminal. */
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (chunk: string | Uint8Array) => void): unknown;
  off(event: 'data', listener: (chunk: string | Uint8Array) => void): unknown;
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/** Everything of the process that a command uses. No command touches process.stdout or process.on. */
export interface Terminal {
  /** The requested output and nothing else, so that it can be piped. */
  readonly stdout: TerminalOutput;
  /** Progress, summaries, warnings and errors. */
  readonly stderr: TerminalOutput;
  /** Reading it keeps the process alive until it is paused or main() returns. */
  readonly stdin: TerminalInput;
  /** Whether stdout gets colour, see {@link TerminalOutput.color}. */
  readonly color: boolean;
  /** Whether stdout is a terminal. */
  readonly isTTY: boolean;
  /** Size of stdout; 80 by 24 if it is not a terminal. It may change, see {@link TerminalOutput.onResize}. */
  readonly columns: number;
  readonly rows: number;
  /**
   * Aborted at the first SIGINT or SIGTERM, when the reader of stdout goes away (EPIPE), and when stdout cannot be
   * written (ENOSPC, ...). The reason is an `Interrupted`, in the last case the error. A second SIGINT ends the
   * process immediately.
   *
   * Commands that normally run until they are interrupted (dump, record, monitor, bridge) write what they have and
   * their summary, and return 0. A command that has not finished its work throws the reason.
   */
  readonly signal: AbortSignal;
  /** Monotonic time and timers. */
  readonly clock: Clock;
  /** Writes a line to stdout. The text has no line end. */
  print(line: string): void;
  /** Writes a line to stderr. The text has no line end. */
  report(line: string): void;
}

/** The same terminal with another signal, for a part of a command that can end on its own. */
export function withSignal(io: Terminal, signal: AbortSignal): Terminal {
  return {
    signal,
    clock: io.clock,
    stdout: io.stdout,
    stderr: io.stderr,
    get stdin() {
      return io.stdin;
    },
    get color() {
      return io.color;
    },
    get isTTY() {
      return io.isTTY;
    },
    get columns() {
      return io.columns;
    },
    get rows() {
      return io.rows;
    },
    print: (line) => {
      io.print(line);
    },
    report: (line) => {
      io.report(line);
    },
  };
}
