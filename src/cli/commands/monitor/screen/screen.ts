import type { TerminalInput, Terminal } from '../../../main/terminal';
import { Keys } from './keys';

/** xterm: alternate screen, hidden cursor, no line wrap; and back. */
const OPEN = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const CLOSE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

export interface ScreenEvents {
  readonly onKey: (key: string) => void;
  readonly onResize: () => void;
}

/**
 * Takes the whole terminal until close() restores it. The end of the process restores it, too, except after a signal
 * that no process can handle.
 */
export class Screen {
  readonly #io: Terminal;
  readonly #undo: (() => void)[] = [];
  #full = false;

  constructor(io: Terminal, events: ScreenEvents) {
    this.#io = io;
    const onExit = (): void => {
      this.close();
    };
    process.once('exit', onExit);
    this.#undo.push(() => process.off('exit', onExit));
    this.#undo.push(io.stdout.onResize(events.onResize));
    io.stdout.write(OPEN);
    this.#undo.push(() => io.stdout.write(CLOSE));
    if (io.stdin.isTTY === true) this.#undo.push(readKeys(io.stdin, events));
  }

  /** False until the terminal has accepted the last output. */
  get ready(): boolean {
    return !this.#full;
  }

  write(text: string): void {
    if (text === '' || this.#io.stdout.write(text)) return;
    this.#full = true;
    void this.#io.stdout.drained().then(() => {
      this.#full = false;
    });
  }

  close(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}

function readKeys(stdin: TerminalInput, events: ScreenEvents): () => void {
  const keys = new Keys();
  const onData = (chunk: string | Uint8Array): void => {
    const text = typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
    for (const key of keys.decode(text)) events.onKey(key);
  };
  stdin.setRawMode?.(true);
  stdin.on('data', onData);
  stdin.resume();
  return () => {
    stdin.off('data', onData);
    stdin.pause();
    stdin.setRawMode?.(false);
  };
}
