import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { extname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '../../../src/cli/main/main';
import { StreamTerminal } from '../../../src/cli/main/stream-terminal';
import { systemClock, type Clock } from '../../../src/clock';
import { FIXTURE_OPTIONS } from './ending';
import { leftovers } from '../asserts/leftovers';

/** The program: compiled if this file is compiled. */
export const BIN = join(__dirname, '../../../src/cli/main', `bin${extname(__filename)}`);

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CLIOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly isTTY?: boolean;
  readonly clock?: Clock;
}

/** Runs the command line in this process, on its virtual buses, and collects the output. */
export class CLI {
  stdout = '';
  stderr = '';
  readonly stdin = new PassThrough();
  readonly terminal: StreamTerminal;
  readonly #out: PassThrough;

  constructor({ env = {}, isTTY = false, clock = systemClock }: CLIOptions = {}) {
    const streamTo = (take: (text: string) => void): PassThrough & { isTTY: boolean } => {
      const stream = Object.assign(new PassThrough(), { isTTY });
      stream.setEncoding('utf8').on('data', take);
      return stream;
    };
    this.#out = streamTo((text) => (this.stdout += text));
    const stderr = streamTo((text) => (this.stderr += text));
    const streams = { stdout: this.#out, stderr, stdin: () => this.stdin, env };
    this.terminal = new StreamTerminal(streams, clock);
  }

  /** The reader of stdout stops reading. */
  stall(): void {
    this.#out.pause();
  }

  resume(): void {
    this.#out.resume();
  }

  /** The reader of stdout goes away. */
  breakPipe(): void {
    this.#out.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  }

  async run(...argv: string[]): Promise<Outcome> {
    const code = await main(argv, this.terminal);
    await Promise.all([this.terminal.stdout.flushed(), this.terminal.stderr.flushed()]);
    await new Promise(setImmediate);
    return { code, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs a command to its end in this process. */
export function cli(...argv: string[]): Promise<Outcome> {
  return new CLI().run(...argv);
}

const running = leftovers<ChildProcess>((child) => child.kill('SIGKILL'));

/** Starts the program as a process of its own. */
export function startCLI(args: readonly string[], stdio: StdioOptions = 'pipe'): ChildProcess {
  const child = spawn(process.execPath, [...FIXTURE_OPTIONS, BIN, ...args], { stdio });
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

/** Resolves when the process has ended, with its output; `code` is null if a signal ended it. */
export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}
