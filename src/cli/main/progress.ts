import type { Terminal } from './command';

/** How often the line changes, in ns. */
const EVERY_NS = 100_000_000n;

/** A line on stderr that shows how far a command is; nothing where stderr is no terminal. */
export class Progress {
  readonly #io: Terminal;
  #lastNs: bigint | undefined;
  #shown = false;

  constructor(io: Terminal) {
    this.#io = io;
  }

  /** Shows the text, unless one was shown right before: then it is not even made. */
  show(text: () => string): void {
    const { stderr } = this.#io;
    if (!stderr.isTTY) return;
    const now = this.#io.clock.now();
    if (this.#lastNs !== undefined && now - this.#lastNs < EVERY_NS) return;
    this.#lastNs = now;
    this.#shown = true;
    // A line that is wrapped could not be overwritten.
    stderr.write(`\r\u001b[K${text().slice(0, stderr.columns - 1)}`);
  }

  /** Takes the line away; other lines may be written then. */
  clear(): void {
    if (this.#shown) this.#io.stderr.write('\r\u001b[K');
    this.#shown = false;
    this.#lastNs = undefined;
  }
}

/** A bar of so many columns: `[#####.....]`. */
export function bar(part: number, columns: number): string {
  const done = Math.round(Math.min(1, Math.max(0, part)) * columns);
  return `[${'#'.repeat(done)}${'.'.repeat(columns - done)}]`;
}
