import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { extname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '../../../src/cli/main';
import { StreamTerminal } from '../../../src/cli/terminal';
import { FIXTURE_OPTIONS } from './ending';

/** The program, compiled or not, as this file is. */
export const BIN = join(__dirname, '../../../src/cli', `bin${extname(__filename)}`);

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in this process: on its virtual buses, its output kept. */
export class CLI {
  stdout = '';
  stderr = '';
  readonly stdin = new PassThrough();
  readonly terminal: StreamTerminal;
  readonly #out: PassThrough;

  constructor(options: { readonly env?: NodeJS.ProcessEnv; readonly isTTY?: boolean } = {}) {
    const { env = {}, isTTY = false } = options;
    const streamTo = (take: (text: string) => void): PassThrough & { isTTY: boolean } => {
      const stream = Object.assign(new PassThrough(), { isTTY });
      stream.setEncoding('utf8').on('data', take);
      return stream;
    };
    this.#out = streamTo((text) => (this.stdout += text));
    this.terminal = new StreamTerminal({
      stdout: this.#out,
      stderr: streamTo((text) => (this.stderr += text)),
      stdin: () => this.stdin,
      env,
    });
  }

  /** The reader of stdout stops reading. */
  stall(): void {
    this.#out.pause();
  }

  resume(): void {
    this.#out.resume();
  }

  /** The reader of stdout has gone. */
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

/** Programs that a failed test has left. */
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** The program as a process of its own. */
export function startCLI(args: readonly string[], stdio: StdioOptions = 'pipe'): ChildProcess {
  const child = spawn(process.execPath, [...FIXTURE_OPTIONS, BIN, ...args], { stdio });
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

/** What the process writes, and its end; `code` is null if a signal has ended it. */
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
