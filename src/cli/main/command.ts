import type { ParseArgsConfig } from 'node:util';
import type { Terminal } from './terminal';

/** The options of a command, as parseArgs of node:util takes them. */
export type Options = NonNullable<ParseArgsConfig['options']>;

/** The command line as parseArgs returns it. The functions of arguments.ts read and check its values. */
export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** A few words for the list of commands. */
  readonly summary: string;
  /**
   * The text of --help: "Usage: socketcan NAME ...", then what it does, a line for every option, examples, and the
   * exit codes if it has its own.
   */
  readonly usage: string;
  /** The options for parseArgs, which runs in strict mode. main() adds --help (-h). */
  readonly options: Options;
  /**
   * Whether the command is useless without other nodes on its bus. main() then warns about a virtual bus that only
   * this command uses.
   */
  needsPeers?(args: Arguments): boolean;
  /**
   * Runs the command. main() reports what it throws.
   *
   * @returns the exit code: 0 success, 1 failure at run time (the reason is on stderr)
   * @throws {UsageError} wrong usage, exit code 2
   * @throws errors of the library, exit code 1; an invalid interface name (`ERR_SOCKETCAN_INVALID_NAME`), 2
   */
  run(args: Arguments, io: Terminal): Promise<number>;
}
