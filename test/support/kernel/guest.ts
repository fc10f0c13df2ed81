import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { until } from '../waiting/until';
import { run } from './shell';

/*
 * What the kernel tests need of the machine they run on: CAN in the kernel, root, iproute2 and
 * can-utils. scripts/test.mjs sees to it that they run nowhere else.
 */

/** ip(8): link management. */
export function ip(...args: string[]): void {
  run('ip', ...args);
}

/** tc(8): queueing disciplines. */
export function tc(...args: string[]): void {
  run('tc', ...args);
}

/** Makes a vcan for one test; false names nothing that is there already. */
export function addVcan(name: string, mtu: 16 | 72 = 72, up = true): void {
  removeLink(name);
  ip('link', 'add', name, 'mtu', String(mtu), ...(up ? ['up'] : []), 'type', 'vcan');
}

export function removeLink(name: string): void {
  if (readdirSync('/sys/class/net').includes(name)) ip('link', 'del', name);
}

/** A can-utils program, run to its end. */
export async function canutil(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args);
  return stdout;
}

/** candump(1), listening; its lines come with {@link Candump.stop}. */
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

  /** The frames it saw, in the text form of its log, once there are `count` of them. */
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
