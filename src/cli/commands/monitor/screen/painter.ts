import { lineText } from '../output/line';
import type { RenderedScreen } from '../output/render';

/** ECMA-48: cursor position, erase to the end of the line. */
const CLEAR_REST = '\x1b[K';
const CLEAR_ALL = '\x1b[2J';

function cursorTo(row: number): string {
  return `\x1b[${row + 1};1H`;
}

/** Remembers the screen and writes only what changes. */
export class Painter {
  #shown: string[] = [];
  #valid = false;

  /** The screen was resized or overwritten: the next screen is written completely. */
  invalidate(): void {
    this.#valid = false;
  }

  /** Returns the text to write to the terminal; empty if the screen did not change. */
  paint({ lines }: RenderedScreen, color: boolean): string {
    const texts = lines.map((line) => lineText(line, color));
    let output = this.#valid ? '' : CLEAR_ALL;
    texts.forEach((text, row) => {
      if (this.#valid && this.#shown[row] === text) return;
      // Erase before the text: after a full line the cursor stays on its last character.
      output += `${cursorTo(row)}${CLEAR_REST}${text}`;
    });
    for (let row = texts.length; this.#valid && row < this.#shown.length; row++) {
      output += `${cursorTo(row)}${CLEAR_REST}`;
    }
    this.#shown = texts;
    this.#valid = true;
    return output;
  }
}
