import { styleText } from 'node:util';
import type { Writable } from 'node:stream';

/** A stream for text, with its backpressure and the properties of its terminal. */
export interface TerminalOutput {
  readonly isTTY: boolean;
  /** Whether text gets colour: FORCE_COLOR decides, else NO_COLOR, else whether it is a terminal (not TERM=dumb). */
  readonly color: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Bytes that were written and that the stream still holds in memory. */
  readonly pending: number;
  /** Returns false when the stream is full: then wait for {@link drained}, or drop and count. */
  write(text: string): boolean;
  /** Resolves when there is room again, or when the stream will never take anything. */
  drained(): Promise<void>;
  /** Resolves when the stream has passed everything on, or never will. */
  flushed(): Promise<void>;
  /** Calls the listener whenever the size of the terminal changes. The result removes the listener. */
  onResize(listener: () => void): () => void;
}

type Format = Parameters<typeof styleText>[0];

/** The text in colour if the output has colour: `colorize(io.stdout, 'red', 'bus-off')`. */
export function colorize(output: Pick<TerminalOutput, 'color'>, format: Format, text: string): string {
  return output.color ? styleText(format, text, { validateStream: false }) : text;
}

/** A stream under a {@link StreamOutput}. process.stdout has all properties, a PassThrough of a test only some. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Follows Node.js: FORCE_COLOR overrides NO_COLOR (https://no-color.org), and both override the terminal. */
function wantsColor(isTTY: boolean, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (none !== undefined && none !== '') return false;
  return isTTY && term !== 'dumb';
}

const END_EVENTS = ['drain', 'error', 'close'];

/** An output on a stream. It reports the first error of the stream and discards everything written later. */
export class StreamOutput implements TerminalOutput {
  readonly isTTY: boolean;
  readonly color: boolean;
  readonly #stream: OutputStream;
  #broken = false;

  constructor(stream: OutputStream, env: NodeJS.ProcessEnv, onError: (error: NodeJS.ErrnoException) => void) {
    this.#stream = stream;
    this.isTTY = stream.isTTY === true;
    this.color = wantsColor(this.isTTY, env);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#broken) return;
      this.#broken = true;
      onError(error);
    });
  }

  get columns(): number {
    return this.#stream.columns ?? 80;
  }

  get rows(): number {
    return this.#stream.rows ?? 24;
  }

  get pending(): number {
    return this.#isDead() ? 0 : this.#stream.writableLength;
  }

  write(text: string): boolean {
    return this.#isDead() || this.#stream.write(text);
  }

  drained(): Promise<void> {
    if (this.#isDead() || !this.#stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        for (const event of END_EVENTS) this.#stream.off(event, done);
        resolve();
      };
      for (const event of END_EVENTS) this.#stream.on(event, done);
    });
  }

  flushed(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.write('', () => {
        this.#stream.off('close', resolve);
        resolve();
      });
    });
  }

  onResize(listener: () => void): () => void {
    this.#stream.on('resize', listener);
    return () => this.#stream.off('resize', listener);
  }

  #isDead(): boolean {
    return this.#broken || this.#stream.destroyed;
  }
}
