/** A line of text. */
export interface Line {
  /** The line number, from 1. */
  readonly lineNumber: number;
  /** The line, or its beginning if it is too long. */
  readonly text: string;
  readonly tooLong: boolean;
}

/** Splits chunks of text into lines. It stores at most the beginning of one line. */
export class LineReader {
  readonly #maxLength: number;
  #lineNumber = 0;
  #rest = '';
  /** True after the beginning of a line that is too long, up to the end of that line. */
  #skipping = false;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Adds a chunk and yields the lines that it completes. */
  *take(chunk: string): Iterable<Line> {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      yield* this.#add(chunk.slice(from, end));
      from = end + 1;
      yield* this.end();
    }
    yield* this.#add(chunk.slice(from));
  }

  /** Ends the current line and yields it. */
  *end(): Iterable<Line> {
    const text = this.#rest;
    this.#rest = '';
    if (this.#skipping) this.#skipping = false;
    else yield { lineNumber: ++this.#lineNumber, text, tooLong: false };
  }

  *#add(text: string): Iterable<Line> {
    if (this.#skipping) return;
    this.#rest += text;
    if (this.#rest.length <= this.#maxLength) return;
    const beginning = this.#rest.slice(0, this.#maxLength);
    this.#rest = '';
    this.#skipping = true;
    yield { lineNumber: ++this.#lineNumber, text: beginning, tooLong: true };
  }
}
