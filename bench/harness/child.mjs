import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AHEAD } from './ahead.mjs';

const STARTED = new Set();
process.on('exit', () => {
  for (const child of STARTED) child.kill('SIGKILL');
});

/** A process of the bench, spoken to in lines. Every wait has an end. */
export class Child {
  #process;
  #lines = [];
  #waiting;
  #errors = '';
  #ended;

  /** @param {string[]} command @param {Record<string, string>} environment */
  constructor(command, environment = {}) {
    const [program, ...args] = [...AHEAD, ...command];
    this.name = command.slice(0, 3).join(' ');
    this.startedNs = process.hrtime.bigint();
    this.#process = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    STARTED.add(this.#process);
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.on('data', (data) => (this.#errors += data));
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#waiting?.();
    });
    /** @type {Promise<void>} */
    this.#ended = new Promise((resolve) => {
      this.#process.on('close', (code, signal) => {
        STARTED.delete(this.#process);
        this.code = code ?? signal;
        this.#waiting?.();
        resolve(undefined);
      });
      this.#process.on('error', (error) => {
        this.#errors += error.message;
        this.code = -1;
        this.#waiting?.();
        resolve(undefined);
      });
    });
  }

  get pid() {
    return this.#process.pid;
  }

  tell(line) {
    this.#process.stdin.write(`${line}\n`);
  }

  /** The next line that begins with a word, without it. Undefined when the time is up. */
  async hear(word, timeoutMs) {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const at = this.#lines.findIndex((line) => line.startsWith(word));
      if (at >= 0) return this.#lines.splice(at, 1)[0].slice(word.length).trim();
      const left = end - performance.now();
      if (left <= 0) return undefined;
      if (this.code !== undefined) {
        throw new Error(`${this.name} ended (${this.code}): ${this.#errors.trim()}`);
      }
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
      this.#waiting = undefined;
    }
  }

  /** As {@link hear}; that it does not come is an error. */
  async expect(word, timeoutMs = 30_000) {
    const heard = await this.hear(word, timeoutMs);
    if (heard !== undefined) return heard;
    throw new Error(`${this.name} did not say ${word} within ${timeoutMs} ms: ${this.#errors.trim()}`);
  }

  async result(timeoutMs) {
    return JSON.parse(await this.expect('RESULT', timeoutMs));
  }

  signal(name) {
    this.#process.kill(name);
  }

  async end() {
    if (this.code !== undefined) return;
    this.tell('QUIT');
    this.#process.stdin.end();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 2000);
    await this.#ended;
    clearTimeout(timer);
  }
}
