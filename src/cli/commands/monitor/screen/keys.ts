/** Names of keys, by the sequences that xterm and the Linux console send. */
const NAMES: Readonly<Record<string, string>> = {
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\x1b[5~': 'page-up',
  '\x1b[6~': 'page-down',
  '\x1b[H': 'home',
  '\x1bOH': 'home',
  '\x1b[1~': 'home',
  '\x1b[F': 'end',
  '\x1bOF': 'end',
  '\x1b[4~': 'end',
  '\x1b': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'ctrl-c',
  '\x0c': 'ctrl-l',
};

const KEY = /\x1b\[[0-9;?]*[@-~]|\x1bO[@-~]|[^]/gu;
const CUT_SHORT = /\x1b(?:\[[0-9;?]*|O)$/;

/** Decodes the input of a terminal in raw mode into keys. */
export class Keys {
  #pending = '';

  /** Returns names such as `page-up`, or the characters themselves. Omits unknown sequences. */
  decode(chunk: string): string[] {
    let text = this.#pending + chunk;
    // Over a slow line a sequence may arrive in two parts. A single ESC is the key itself.
    this.#pending = CUT_SHORT.exec(text)?.[0] ?? '';
    text = text.slice(0, text.length - this.#pending.length);
    const found: string[] = [];
    for (const [key] of text.matchAll(KEY)) {
      const name = NAMES[key] ?? (key >= ' ' && key.length <= 2 ? key : undefined);
      if (name !== undefined) found.push(name);
    }
    return found;
  }
}
