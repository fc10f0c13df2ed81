import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { debuglog, parseArgs } from 'node:util';
import { describe } from '../../options/describe';
import { isVirtual } from '../interfaces/virtual';
import type { Arguments, Command } from './command';
import { COMMANDS } from './commands';
import { Failure, Interrupted, isAbort, UsageError } from './failures';
import { withSignal, type Terminal } from './terminal';

const debug = debuglog('socketcan:cli');

/** Exit codes; docs/cli.md lists them. */
const EXIT = { success: 0, failure: 1, usage: 2, SIGINT: 130, SIGTERM: 143 } as const;
const INTERRUPTED: ReadonlySet<number> = new Set([EXIT.SIGINT, EXIT.SIGTERM]);

/**
 * Runs the command line: `socketcan COMMAND ...`, or several commands joined by `+`. Joined commands run together in
 * this process and share its virtual buses. When the last one ends, the others are interrupted, which is their normal
 * end. A failure of one ends all.
 *
 * @param argv the words after the name of the program
 * @returns the exit code, of the first command that failed if any failed; never rejects
 */
export async function main(argv: readonly string[], io: Terminal): Promise<number> {
  const parts = split(argv);
  const last = parts.pop() ?? [];
  if (parts.length === 0) return run(last, io, warnAboutPeers);
  const ending = new AbortController();
  const together = withSignal(io, AbortSignal.any([io.signal, ending.signal]));
  const end = (): void => {
    ending.abort(new Interrupted('SIGINT'));
  };
  /** Exit codes of the failed commands, in the order of their failures. */
  const failed: number[] = [];
  const start = async (part: readonly string[]): Promise<void> => {
    const code = await run(part, together);
    // A command that was interrupted only because another one ended has not failed.
    const byUser = io.signal.aborted;
    if (code === EXIT.success || (ending.signal.aborted && !byUser && INTERRUPTED.has(code))) return;
    failed.push(code);
    end();
  };
  const others: Promise<void>[] = [];
  for (const part of parts) {
    if (ending.signal.aborted) break;
    others.push(start(part));
    // Let it open its sockets, or fail, before the next one sends.
    await nextTurn();
  }
  if (!ending.signal.aborted) await start(last);
  end();
  await Promise.all(others);
  return failed[0] ?? EXIT.success;
}

/** Splits the command line at each `+`. */
function split(argv: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const word of argv) {
    if (word === '+') parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

/** Called with the arguments of a command before it runs. */
type BeforeRun = (command: Command, args: Arguments, io: Terminal) => void;

/** Runs one command. */
async function run(argv: readonly string[], io: Terminal, before?: BeforeRun): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    io.report(overview());
    return EXIT.usage;
  }
  if (name === '--version' || name === '-V') {
    io.print(version());
    return EXIT.success;
  }
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    io.print(overview());
    return EXIT.success;
  }
  const wanted = name === 'help' ? (rest[0] ?? '') : name;
  const command = COMMANDS.find((each) => each.name === wanted);
  if (command === undefined) {
    const names = COMMANDS.map((each) => each.name).join(', ');
    io.report(`socketcan: unknown command ${describe(wanted)}; the commands are ${names}`);
    io.report('"socketcan --help" explains them');
    return EXIT.usage;
  }
  return runCommand(command, name === 'help' ? ['--help'] : rest, io, before);
}

async function runCommand(command: Command, argv: string[], io: Terminal, before?: BeforeRun): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    });
    if (values['help'] === true) {
      io.print(command.usage.trim());
      return EXIT.success;
    }
    const args = { values, positionals };
    before?.(command, args, io);
    const code = await command.run(args, io);
    const reason: unknown = io.signal.reason;
    if (reason instanceof Error && !(reason instanceof Interrupted)) throw reason;
    return code;
  } catch (error) {
    return reportError(command, error, io);
  }
}

/** Warns a user at a terminal that a command is alone on a virtual bus. */
function warnAboutPeers(command: Command, args: Arguments, io: Terminal): void {
  if (!io.stderr.isTTY || command.needsPeers?.(args) !== true || !args.positionals.some(isVirtual)) return;
  io.report(
    'socketcan: a virtual bus belongs to this process, and nothing else uses it. Join commands by "+": ' +
      '"socketcan dump virtual:a + gen virtual:a"',
  );
}

function reportError(command: Command, error: unknown, io: Terminal): number {
  const interrupted = interruptionOf(error, io.signal);
  if (interrupted !== undefined) {
    return interrupted.by === 'EPIPE' ? EXIT.success : EXIT[interrupted.by];
  }
  debug('%s: %O', command.name, error);
  const { message } = failureOf(error, io.signal);
  // parseArgs adds advice about positionals, which does not apply.
  const [line = message] = isParseError(error) ? message.split('. To specify ') : [message];
  io.report(`socketcan ${command.name}: ${line}`);
  if (!isUsageError(error)) return EXIT.failure;
  io.report(`"socketcan ${command.name} --help" explains the usage`);
  return EXIT.usage;
}

/** An aborted wait ends with an AbortError. The reason of the signal says why. */
function failureOf(error: unknown, signal: AbortSignal): Error {
  const reason: unknown = isAbort(error) && signal.aborted ? signal.reason : error;
  return reason instanceof Error ? reason : new Failure(String(reason));
}

function interruptionOf(error: unknown, signal: AbortSignal): Interrupted | undefined {
  const failure = failureOf(error, signal);
  return failure instanceof Interrupted ? failure : undefined;
}

function isUsageError(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  // Every interface name comes from the command line.
  return isParseError(error) || codeOf(error) === 'ERR_SOCKETCAN_INVALID_NAME';
}

function isParseError(error: unknown): boolean {
  return codeOf(error)?.startsWith('ERR_PARSE_ARGS_') === true;
}

function codeOf(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return error instanceof Error && typeof code === 'string' ? code : undefined;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Usage: socketcan COMMAND [ARGUMENT...]',
    '',
    'Tools for a CAN bus: a Linux interface (can0, vcan0, ...) or a virtual bus of this process (virtual:NAME).',
    '',
    ...rows,
    '',
    'socketcan COMMAND --help                  explains the usage of a command',
    'socketcan COMMAND ... + COMMAND ...       runs several commands in one process, until the last one ends',
    'socketcan --version                       prints the version of socketcan-ffi',
  ].join('\n');
}

function version(): string {
  const text = readFileSync(require.resolve('socketcan-ffi/package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
