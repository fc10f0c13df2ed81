/** A piece of a line as it looks: text, and the SGR parameters (ECMA-48) that were on. */
export interface Piece {
  text: string;
  readonly sgr: string;
}

interface Cell {
  readonly char: string;
  readonly sgr: string;
}

const BLANK: Cell = { char: ' ', sgr: '' };
const TOKEN = /\x1b\[([?0-9;]*)([A-Za-z])|\r|\n|[^]/gu;

/**
 * What a terminal shows after what was written to it, as far as this library writes: cursor positions,
 * erasing, SGR, the alternate screen, the cursor, line wrap. Anything else is an error.
 */
export class VirtualScreen {
  readonly rows: number;
  readonly columns: number;
  /** Whether the alternate screen is shown, the cursor is seen, and lines are wrapped. */
  alternate = false;
  cursor = true;
  wrap = true;
  #cells: Cell[][];
  #row = 0;
  #column = 0;
  #sgr = '';

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.#cells = this.#blank();
  }

  write(text: string): this {
    for (const [token, parameters, final] of text.matchAll(TOKEN)) {
      if (final !== undefined) this.#control(parameters ?? '', final);
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#row = Math.min(this.rows - 1, this.#row + 1);
      else this.#put(token);
    }
    return this;
  }

  /** The lines, without blanks at their ends. */
  get lines(): string[] {
    return this.#cells.map((cells) =>
      cells
        .map(({ char }) => char)
        .join('')
        .trimEnd(),
    );
  }

  /** The lines in pieces of the same look. */
  get pieces(): Piece[][] {
    return this.#cells.map((cells) => {
      const pieces: Piece[] = [];
      for (const { char, sgr } of cells) {
        const last = pieces.at(-1);
        if (last?.sgr === sgr) last.text += char;
        else pieces.push({ text: char, sgr });
      }
      return pieces;
    });
  }

  #blank(): Cell[][] {
    return Array.from({ length: this.rows }, () => new Array<Cell>(this.columns).fill(BLANK));
  }

  #put(char: string): void {
    const cells = this.#cells[this.#row];
    if (cells === undefined) return;
    // Without line wrap the last column is written over.
    cells[Math.min(this.#column, this.columns - 1)] = { char, sgr: this.#sgr };
    this.#column = Math.min(this.columns, this.#column + 1);
  }

  #control(parameters: string, final: string): void {
    switch (final) {
      case 'm':
        this.#sgr = parameters === '0' ? '' : parameters;
        return;
      case 'H': {
        const [row = 1, column = 1] = parameters.split(';').map(Number);
        [this.#row, this.#column] = [row - 1, column - 1];
        return;
      }
      case 'K':
        this.#cells[this.#row]?.fill(BLANK, Math.min(this.#column, this.columns - 1));
        return;
      case 'J':
        this.#cells = this.#blank();
        return;
    }
    const on = final === 'h';
    if (parameters === '?1049') this.alternate = on;
    else if (parameters === '?25') this.cursor = on;
    else if (parameters === '?7') this.wrap = on;
    else throw new Error(`Unknown control sequence ${JSON.stringify(parameters + final)}`);
  }
}
