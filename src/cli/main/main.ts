import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { debuglog, parseArgs } from 'node:util';
import { Failure, Interrupted, UsageError, type Command, type Terminal } from './command';
import { COMMANDS } from './commands';
import { isAbort, withSignal } from './terminal';

const debug = debuglog('socketcan');

/** Exit codes: docs/cli.md lists them. */
export const EXIT = { fine: 0, failed: 1, usage: 2, SIGINT: 130, SIGTERM: 143 } as const;
const INTERRUPTED: ReadonlySet<number> = new Set([EXIT.SIGINT, EXIT.SIGTERM]);

/**
 * The command line: `socketcan COMMAND ...`, or several joined by `+`, which run together in this process
 * and so share its virtual buses, until the last of them has ended; then the others are interrupted, which
 * is their normal end. One that fails is the end of all.
 *
 * @param argv what was typed after the program's name
 * @returns the exit code: that of the first command that has failed, if any has; never rejects
 */
export async function main(argv: readonly string[], io: Terminal): Promise<number> {
  const parts = split(argv);
  const last = parts.pop() ?? [];
  if (parts.length === 0) return run(last, io);
  const ending = new AbortController();
  const together = withSignal(io, AbortSignal.any([io.signal, ending.signal]));
  const end = (): void => {
    ending.abort(new Interrupted('SIGINT'));
  };
  /** Of those that failed, in the order in which they did. */
  const failed: number[] = [];
  const start = async (part: readonly string[]): Promise<void> => {
    const code = await run(part, together);
    // Who was interrupted only because another one has ended has not failed.
    const byUser = io.signal.aborted;
    if (code === EXIT.fine || (ending.signal.aborted && !byUser && INTERRUPTED.has(code))) return;
    failed.push(code);
    end();
  };
  const others: Promise<void>[] = [];
  for (const part of parts) {
    if (ending.signal.aborted) break;
    others.push(start(part));
    // It listens before the next one sends, or has failed.
    await turn();
  }
  if (!ending.signal.aborted) await start(last);
  end();
  await Promise.all(others);
  return failed[0] ?? EXIT.fine;
}

/** At each `+`. */
function split(argv: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const word of argv) {
    if (word === '+') parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

/** One command. */
async function run(argv: readonly string[], io: Terminal): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    io.tell(overview());
    return EXIT.usage;
  }
  if (name === '--version' || name === '-V') {
    io.print(version());
    return EXIT.fine;
  }
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    io.print(overview());
    return EXIT.fine;
  }
  const wanted = name === 'help' ? (rest[0] ?? '') : name;
  const command = COMMANDS.find((each) => each.name === wanted);
  if (command === undefined) {
    io.tell(
      `socketcan: there is no command ${JSON.stringify(wanted)}: there are ${COMMANDS.map((each) => each.name).join(', ')}`,
    );
    io.tell('"socketcan --help" says what they do');
    return EXIT.usage;
  }
  return runCommand(command, name === 'help' ? ['--help'] : rest, io);
}

async function runCommand(command: Command, argv: string[], io: Terminal): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    });
    if (values['help'] === true) {
      io.print(command.usage.trim());
      return EXIT.fine;
    }
    const code = await command.run({ values, positionals }, io);
    const reason: unknown = io.signal.reason;
    if (reason instanceof Error && !(reason instanceof Interrupted)) throw reason;
    return code;
  } catch (error) {
    return report(command, error, io);
  }
}

function report(command: Command, error: unknown, io: Terminal): number {
  const interrupted = interruptionOf(error, io.signal);
  if (interrupted !== undefined) {
    return interrupted.by === 'EPIPE' ? EXIT.fine : EXIT[interrupted.by];
  }
  debug('%s: %O', command.name, error);
  const { message } = failureOf(error, io.signal);
  // parseArgs goes on with advice about positionals.
  const [said = message] = isParseError(error) ? message.split('. To specify ') : [message];
  io.tell(`socketcan ${command.name}: ${said}`);
  if (!isUsage(error)) return EXIT.failed;
  io.tell(`"socketcan ${command.name} --help" says how it is used`);
  return EXIT.usage;
}

/** A wait that was given up because of the signal ends with an AbortError: the signal says why. */
function failureOf(error: unknown, signal: AbortSignal): Error {
  const reason: unknown = isAbort(error) && signal.aborted ? signal.reason : error;
  return reason instanceof Error ? reason : new Failure(String(reason));
}

function interruptionOf(error: unknown, signal: AbortSignal): Interrupted | undefined {
  const failure = failureOf(error, signal);
  return failure instanceof Interrupted ? failure : undefined;
}

function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  // A name is always an argument of the command line.
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
    'Tools for a CAN bus: an interface of Linux (can0, vcan0, ...) or a bus of this process (virtual:NAME).',
    '',
    ...rows,
    '',
    'socketcan COMMAND --help                  how a command is used',
    'socketcan COMMAND ... + COMMAND ...       several in one process, on its virtual buses, until the last ends',
    'socketcan --version                       the version of socketcan-ffi',
  ].join('\n');
}

function version(): string {
  const text = readFileSync(require.resolve('socketcan-ffi/package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
