import type { ParseArgsConfig } from 'node:util';
import type { Clock } from '../../clock';
import type { Outlet } from './outlet';

/** The options of a command, as node:util parseArgs takes them. */
export type Options = NonNullable<ParseArgsConfig['options']>;

/** What parseArgs made of the command line; arguments.ts reads numbers and the like out of it. */
export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

/** Where the input comes from: process.stdin, or any stream in tests. */
export interface Inlet extends AsyncIterable<string | Uint8Array> {
  readonly isTTY?: boolean;
  /** Keys one by one and without echo; only on a terminal. */
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (chunk: string | Uint8Array) => void): unknown;
  off(event: 'data', listener: (chunk: string | Uint8Array) => void): unknown;
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/** All that a command knows of the world outside: it uses no process.stdout and no process.on. */
export interface Terminal {
  /** What the command was asked for, and nothing else, so that it can be piped. */
  readonly stdout: Outlet;
  /** Progress, accounts, warnings and errors. */
  readonly stderr: Outlet;
  /** Reading it keeps the process alive until it is paused, or main() has returned. */
  readonly stdin: Inlet;
  /** Whether colour is wanted on stdout: a terminal, NO_COLOR and FORCE_COLOR considered. */
  readonly color: boolean;
  /** Whether stdout is a terminal. */
  readonly isTTY: boolean;
  /** Of stdout; 80 by 24 where it is no terminal. They change, see {@link Outlet.onResize}. */
  readonly columns: number;
  readonly rows: number;
  /**
   * Aborted at the first SIGINT or SIGTERM, when the reader of stdout has gone (EPIPE), and when
   * stdout cannot be written (ENOSPC, ...). The reason is an {@link Interrupted}, in the last case the
   * error. A second SIGINT ends the process at once.
   *
   * A command for which this is the normal end (dump, record, monitor, bridge) writes what it has,
   * its account, and returns 0. One that has not done what it was asked for throws the reason.
   */
  readonly signal: AbortSignal;
  /** Monotonic time and timers. */
  readonly clock: Clock;
  /** A line on stdout, without its end. */
  print(line: string): void;
  /** A line on stderr, without its end. */
  tell(line: string): void;
}

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** A few words for the list of commands. */
  readonly summary: string;
  /**
   * The text of --help: "Usage: socketcan NAME ...", then what it does, a line for every option,
   * examples, and the exit codes if it has its own.
   */
  readonly usage: string;
  /** For parseArgs, strict; --help (-h) is added for all. */
  readonly options: Options;
  /**
   * Does it. main() reports what is thrown.
   *
   * @returns the exit code: 0 fine, 1 failed at run time (the reason is on stderr)
   * @throws {UsageError} wrong usage, exit code 2
   * @throws what the library throws, exit code 1; an argument error it throws (`ERR_SOCKETCAN_INVALID_NAME`), 2
   */
  run(args: Arguments, io: Terminal): Promise<number>;
}

/** The command line is wrong. The message names the value and what would be right. */
export class UsageError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UsageError';
  }
}

/** Something failed while the command ran; the message is all that the user has to know. */
export class Failure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
  }
}

/** The reason of {@link Terminal.signal}. */
export class Interrupted extends Error {
  readonly by: 'SIGINT' | 'SIGTERM' | 'EPIPE';
  constructor(by: 'SIGINT' | 'SIGTERM' | 'EPIPE') {
    super(`interrupted by ${by}`);
    this.name = 'Interrupted';
    this.by = by;
  }
}
