import type { Terminal } from '../main/terminal';

/** Shortest time between two updates, in ns. */
const UPDATE_NS = 100_000_000n;

/** A line on stderr that shows the progress of a command. It shows nothing if stderr is not a terminal. */
export class Progress {
  readonly #io: Terminal;
  #lastNs: bigint | undefined;
  #shown = false;

  constructor(io: Terminal) {
    this.#io = io;
  }

  /** Shows the text, or skips it without building it if the last update was less than 100 ms ago. */
  show(text: () => string): void {
    const { stderr } = this.#io;
    if (!stderr.isTTY) return;
    const now = this.#io.clock.now();
    if (this.#lastNs !== undefined && now - this.#lastNs < UPDATE_NS) return;
    this.#lastNs = now;
    this.#shown = true;
    // A wrapped line could not be overwritten.
    stderr.write(`\r\u001b[K${text().slice(0, stderr.columns - 1)}`);
  }

  /** Removes the line, so that other lines can follow. */
  clear(): void {
    if (this.#shown) this.#io.stderr.write('\r\u001b[K');
    this.#shown = false;
    this.#lastNs = undefined;
  }
}

/** A bar of this many columns: `[#####.....]`. `part` is 0 to 1. */
export function progressBar(part: number, columns: number): string {
  const done = Math.round(Math.min(1, Math.max(0, part)) * columns);
  return `[${'#'.repeat(done)}${'.'.repeat(columns - done)}]`;
}
