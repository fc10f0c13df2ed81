import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs programs, one after another, in a shell that waits for them. In the guest a fork of this process
 * takes 0.2 s, because it is large, and one of a shell 0.02 s; the tests set links up and down some
 * hundred times. Synchronous: this thread waits, as for execFileSync().
 */
class Shell {
  readonly #commands: number;
  readonly #results: number;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'socketcan-shell-'));
    const [commands, results] = [join(folder, 'commands'), join(folder, 'results')];
    execFileSync('mkfifo', [commands, results]);
    const loop = 'while IFS= read -r line; do eval "$line" >&2; printf "%03d" $? >&4; done';
    const child = spawn('sh', ['-c', `exec < "$1" 4> "$2"; ${loop}`, 'sh', commands, results], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.unref();
    // Each waits for the other side: in the shell's order.
    this.#commands = openSync(commands, 'w');
    this.#results = openSync(results, 'r');
    rmSync(folder, { recursive: true });
  }

  run(words: readonly string[]): number {
    const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    writeSync(this.#commands, `${line}\n`);
    const status = Buffer.alloc(3);
    for (let read = 0; read < 3;) {
      const count = readSync(this.#results, status, read, 3 - read, null);
      if (count === 0) throw new Error(`The shell ended in ${line}`);
      read += count;
    }
    return Number(status.toString());
  }
}

let shell: Shell | undefined;

/** Runs a program to its end; its output goes to standard error. Throws when its status is not 0. */
export function run(...words: readonly string[]): void {
  const status = (shell ??= new Shell()).run(words);
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`);
}
