import { lineText } from '../output/line';
import type { Picture } from '../output/render';

/** ECMA-48: cursor position, erase to the end of the line. */
const CLEAR_REST = '\x1b[K';
const CLEAR_ALL = '\x1b[2J';

function cursorTo(row: number): string {
  return `\x1b[${row + 1};1H`;
}

/** Knows what is on the screen, and writes no more than what has to change. */
export class Painter {
  #shown: string[] = [];
  #valid = false;

  /** Nothing is known of the screen any more: it was resized, or written on. */
  forget(): void {
    this.#valid = false;
  }

  /** What to write to the terminal; empty if the picture is there already. */
  paint({ lines }: Picture, color: boolean): string {
    const texts = lines.map((line) => lineText(line, color));
    let output = this.#valid ? '' : CLEAR_ALL;
    texts.forEach((text, row) => {
      if (this.#valid && this.#shown[row] === text) return;
      // Before the text: the cursor stays on the last character of a line that is full.
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
