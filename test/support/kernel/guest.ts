import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { until } from '../waiting/until';
import { makeLink, removeLink } from './rtnetlink';
import { run } from './shell';

export { removeLink } from './rtnetlink';

/*
 * What the kernel tests need: CAN in the kernel, root, iproute2 and can-utils. scripts/test.mjs runs
 * them only on a machine that has all of these.
 */

/** ip(8), to its end. It takes 0.1 s in the guest: rtnetlink.ts is faster. */
export function ip(...args: string[]): void {
  run('ip', ...args);
}

/** tc(8): queueing disciplines. */
export function tc(...args: string[]): void {
  run('tc', ...args);
}

/** Makes a vcan, in place of one of that name. */
export function addVcan(name: string, mtu: 16 | 72 = 72, up = true): void {
  removeLink(name);
  makeLink(name, 'vcan', { mtu, up });
}

/** Runs a can-utils program to its end and returns its output. */
export async function canutil(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args);
  return stdout;
}

/** cansend(1): sends these frames one after another. Synchronous, unlike {@link canutil}. */
export function cansend(interfaceName: string, ...texts: readonly string[]): void {
  for (const text of texts) run('cansend', interfaceName, text);
}

/** candump(1) in the background. */
export class Candump {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(args: string[]) {
    this.#child = spawn('candump', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
  }

  /** Resolves when candump is bound: the kernel lists its socket then. */
  static async start(interfaceName: string, ...args: string[]): Promise<Candump> {
    const before = receivers(interfaceName);
    const candump = new Candump(['-L', ...args, interfaceName]);
    await until(() => receivers(interfaceName) > before, 'candump listens');
    return candump;
  }

  /** Waits for `count` frames, ends candump, and returns all frames in the text form of its log. */
  async frames(count: number): Promise<string[]> {
    await until(() => this.#output.split('\n').length > count, `candump has ${count} frames`);
    this.#child.kill('SIGINT');
    await once(this.#child, 'close');
    return this.#output
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[2] ?? '');
  }
}

/** cangen(1) in the background. */
export class Traffic {
  readonly #child: ChildProcess;

  constructor(interfaceName: string, gapMs: number, ...args: string[]) {
    const all = [interfaceName, '-g', String(gapMs), ...args];
    this.#child = spawn('cangen', all, { stdio: 'ignore' });
  }

  async stop(): Promise<void> {
    if (this.#child.kill()) await once(this.#child, 'close');
  }
}

/** How many sockets receive everything from this interface. */
export function receivers(interfaceName: string): number {
  const list = readFileSync('/proc/net/can/rcvlist_all', 'utf8');
  return list.split('\n').filter((line) => line.trim().startsWith(`${interfaceName} `)).length;
}
