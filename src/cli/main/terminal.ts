import { setImmediate as turn } from 'node:timers/promises';
import { systemClock, type Clock } from '../../clock';
import type { Inlet, Terminal } from './command';
import { Interrupted } from './command';
import { StreamOutlet, type OutletStream } from './outlet';

/** What a terminal is made of: those of the process, or those of a test. */
export interface Streams {
  readonly stdout: OutletStream;
  readonly stderr: OutletStream;
  /** Asked for when first used: opening process.stdin has effects. */
  stdin(): Inlet;
  readonly env: NodeJS.ProcessEnv;
}

/** The terminal of a command, on streams. */
export class StreamTerminal implements Terminal {
  readonly stdout: StreamOutlet;
  readonly stderr: StreamOutlet;
  readonly clock: Clock;
  readonly #streams: Streams;
  readonly #controller = new AbortController();
  #stdin: Inlet | undefined;
  #failure: Error | undefined;

  constructor(streams: Streams, clock: Clock = systemClock) {
    this.#streams = streams;
    this.clock = clock;
    this.stdout = new StreamOutlet(streams.stdout, streams.env, (error) => {
      if (error.code !== 'EPIPE') this.#failure = error;
      this.interrupt(error.code === 'EPIPE' ? 'EPIPE' : error);
    });
    // Without stderr there is no one to tell that there is no stderr.
    this.stderr = new StreamOutlet(streams.stderr, streams.env, () => undefined);
  }

  get stdin(): Inlet {
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

  tell(line: string): void {
    this.stderr.write(`${line}\n`);
  }

  /**
   * Resolves when stdout has taken all that was written, or never will: with what went wrong with it, which
   * it may tell only after the last command has ended. A reader that has gone is nothing that went wrong.
   */
  async settled(): Promise<Error | undefined> {
    await this.stdout.flushed();
    // A file is written at once, and fails a moment later.
    await turn();
    return this.#failure;
  }

  /** Lets go of stdin, if it was used: input that nobody waits for must not keep the process. */
  close(): void {
    this.#stdin?.destroy();
  }

  /** Aborts {@link signal}; only the first counts. */
  interrupt(by: Interrupted['by'] | Error): void {
    this.#controller.abort(by instanceof Error ? by : new Interrupted(by));
  }
}

/** Whether an error only says that something was given up because of a signal, whose reason says more. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ABORT_ERR';
}

/** The same terminal with another signal, for a part of a command that can end by itself. */
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
    tell: (line) => {
      io.tell(line);
    },
  };
}

/**
 * The terminal of this process. It handles SIGINT and SIGTERM once: a second one ends the process, as
 * no handler is left.
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
