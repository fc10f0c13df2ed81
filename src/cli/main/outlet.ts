import { styleText } from 'node:util';
import type { Writable } from 'node:stream';

/** A stream to write text on, with its backpressure, and what is known of it as a terminal. */
export interface Outlet {
  readonly isTTY: boolean;
  /** Whether colour is wanted: FORCE_COLOR, else NO_COLOR, else a terminal that is not TERM=dumb. */
  readonly color: boolean;
  readonly columns: number;
  readonly rows: number;
  /** How many bytes were written that the stream has not passed on yet: the memory they take. */
  readonly pending: number;
  /** False when the stream is full: wait for {@link drained}, or drop and count, as memory is bounded. */
  write(text: string): boolean;
  /** Resolves when there is room again, and also when nothing will ever be taken any more. */
  drained(): Promise<void>;
  /** Resolves when all is passed on, or will never be. */
  flushed(): Promise<void>;
  /** Calls the listener when the size of the terminal changes; the result ends that. */
  onResize(listener: () => void): () => void;
}

type Format = Parameters<typeof styleText>[0];

/** The text in colour, where the outlet wants colour: `paint(io.stdout, 'red', 'bus-off')`. */
export function paint(outlet: Outlet, format: Format, text: string): string {
  return outlet.color ? styleText(format, text, { validateStream: false }) : text;
}

/** What an Outlet needs of a stream: process.stdout has all, a PassThrough of a test the first part. */
export type OutletStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** As Node does: FORCE_COLOR wins over NO_COLOR (https://no-color.org), and both over the terminal. */
function wantsColor(isTTY: boolean, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (none !== undefined && none !== '') return false;
  return isTTY && term !== 'dumb';
}

/** An outlet on a stream. What goes wrong with it is told once, and then all that is written is lost. */
export class StreamOutlet implements Outlet {
  readonly isTTY: boolean;
  readonly color: boolean;
  readonly #stream: OutletStream;
  #broken = false;

  constructor(stream: OutletStream, env: NodeJS.ProcessEnv, onError: (error: NodeJS.ErrnoException) => void) {
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
        for (const event of ENDS) this.#stream.off(event, done);
        resolve();
      };
      for (const event of ENDS) this.#stream.on(event, done);
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

const ENDS = ['drain', 'error', 'close'];
