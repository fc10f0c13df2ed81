import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { BIN } from './cli';
import { FIXTURE_OPTIONS } from './ending';
import { until } from '../waiting/until';
import { VirtualScreen } from './screen';
import { leftovers } from '../asserts/leftovers';

const running = leftovers<ChildProcess>((child) => child.kill('SIGKILL'));

/**
 * The program on a pseudoterminal, by script(1) of util-linux. Its output goes to a screen, and the shell
 * around it prints at the end whether the terminal has its settings back.
 */
export class Pty {
  screen: VirtualScreen;
  /** All output of the program. */
  output = '';
  readonly #child: ChildProcess;
  #closed = false;

  constructor(args: readonly string[], { rows = 16, columns = 90, node = [] as string[] } = {}) {
    this.screen = new VirtualScreen(rows, columns);
    const words = [process.execPath, ...FIXTURE_OPTIONS, ...node, BIN, ...args];
    const program = words.map((word) => `'${word}'`).join(' ');
    const script = [
      `stty rows ${rows} cols ${columns}; before=$(stty -g)`,
      `TTY=$(tty) sh -c 'echo "TTY=$TTY PID=$$="; exec "$@"' sh ${program}`,
      'echo "CODE=$?="; [ "$before" = "$(stty -g)" ] && echo SAME=SETTINGS',
    ].join('; ');
    this.#child = spawn('script', ['-qec', script, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm', SHELL: '/bin/sh' },
    });
    running.add(this.#child);
    this.#child.on('close', () => {
      running.delete(this.#child);
      this.#closed = true;
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.screen.write(text);
    });
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(Number(this.#said('PID')), signal);
  }

  resize(rows: number, columns: number): void {
    this.screen = new VirtualScreen(rows, columns);
    const size = ['rows', String(rows), 'cols', String(columns)];
    execFileSync('stty', ['-F', /TTY=(\S+)/.exec(this.output)?.[1] ?? '', ...size]);
  }

  /** Waits until a line of the screen matches. */
  until(line: RegExp): Promise<void> {
    return until(() => this.screen.lines.some((each) => line.test(each)), `the screen has ${line.source}`);
  }

  /** Resolves when the program has ended: its exit code, and whether the terminal has its settings back. */
  async end(): Promise<{ readonly code: number; readonly same: boolean }> {
    // The last output arrives after the process has ended.
    await until(() => this.#closed, 'the program has ended');
    return { code: Number(this.#said('CODE')), same: this.output.includes('SAME=SETTINGS') };
  }

  #said(name: string): string {
    return new RegExp(`${name}=(\\d+)=`).exec(this.output)?.[1] ?? '';
  }
}
