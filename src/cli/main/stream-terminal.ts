import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock, type Clock } from '../../clock';
import { Interrupted } from './failures';
import { StreamOutput, type OutputStream } from './output';
import type { Terminal, TerminalInput } from './terminal';

/** The streams of a terminal: those of the process or of a test. */
export interface Streams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
  /** Called on first use, because opening process.stdin has side effects. */
  stdin(): TerminalInput;
}

/** A terminal on streams. */
export class StreamTerminal implements Terminal {
  readonly stdout: StreamOutput;
  readonly stderr: StreamOutput;
  readonly clock: Clock;
  readonly #streams: Streams;
  readonly #controller = new AbortController();
  #stdin: TerminalInput | undefined;
  #failure: Error | undefined;

  constructor(streams: Streams, clock: Clock = systemClock) {
    this.#streams = streams;
    this.clock = clock;
    this.stdout = new StreamOutput(streams.stdout, streams.env, (error) => {
      if (error.code !== 'EPIPE') this.#failure = error;
      this.interrupt(error.code === 'EPIPE' ? 'EPIPE' : error);
    });
    // A failure of stderr has no place where it could be reported.
    this.stderr = new StreamOutput(streams.stderr, streams.env, () => undefined);
  }

  get stdin(): TerminalInput {
    return (this.#stdin ??= this.#streams.stdin());
  }

  get color(): boolean {
    return this.stdout.color;
  }

  get isTTY(): boolean {
    return this.stdout.isTTY;
  }

  get columns(): number {
    return this.stdout.columns;
  }

  get rows(): number {
    return this.stdout.rows;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  print(line: string): void {
    this.stdout.write(`${line}\n`);
  }

  report(line: string): void {
    this.stderr.write(`${line}\n`);
  }

  /**
   * Resolves when stdout has taken everything that was written or never will. The result is the error of stdout, which
   * may come only after the last command has ended. A reader that goes away is not an error.
   */
  async settled(): Promise<Error | undefined> {
    await this.stdout.flushed();
    // A write to a file completes before its error is emitted.
    await nextTurn();
    return this.#failure;
  }

  /** Destroys stdin if it was used: unread input must not keep the process alive. */
  close(): void {
    this.#stdin?.destroy();
  }

  /** Aborts {@link signal}. Only the first call has an effect. */
  interrupt(by: Interrupted['by'] | Error): void {
    this.#controller.abort(by instanceof Error ? by : new Interrupted(by));
  }
}

/**
 * The terminal of this process. It handles the first SIGINT and the first SIGTERM; a second one ends the process,
 * because no handler is left.
 */
export function processTerminal(): StreamTerminal {
  const { stdout, stderr, env } = process;
  const terminal = new StreamTerminal({ stdout, stderr, env, stdin: () => process.stdin });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      terminal.interrupt(signal);
    });
  }
  return terminal;
}
