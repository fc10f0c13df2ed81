import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.mjs';

const bench = dirname(dirname(fileURLToPath(import.meta.url)));
export const built = join(bench, 'build');
const RMEM_DEFAULT = '/proc/sys/net/core/rmem_default';

/** The kernel's own receive buffer, as getsockopt tells it: 278 frames. */
export const DEFAULT_BUFFER = 212_992;
/** Room for whatever a drain queues. */
export const LARGE_BUFFER = 256 << 20;

/** Whether this kernel has CAN: there are vcans, or they can be made. */
function hasCAN() {
  try {
    return readdirSync('/sys/class/net').includes('vcan0');
  } catch {
    return false;
  }
}

export function venueHere() {
  return hasCAN() ? 'can' : 'unix';
}

const pin = (list) => ['taskset', '-c', list];
const last = cpus().length - 1;

/**
 * What is put before the feeder's command, and the contender's: a processor for the one, the others for the other.
 * Left to itself the scheduler at one time wakes both on one, at another time not, which takes five times as long,
 * for minutes.
 */
const APART =
  last > 0 && spawnSync('taskset', ['-c', `0-${last}`, 'true']).status === 0 ? [pin('0'), pin(`1-${last}`)] : [[], []];

/**
 * Where contenders run: on the vcans of this kernel, or on local sockets in their place.
 *
 * @typedef {{ contender: Child, feeder: Child }} Pair
 */
export class Venue {
  /** @param {'can' | 'unix'} kind @param {number} slowness factor for all that is waited for */
  constructor(kind, slowness) {
    this.kind = kind;
    this.slowness = slowness;
    this.#before = kind === 'can' ? readFileSync(RMEM_DEFAULT, 'utf8') : '';
  }

  #before;

  wait(ms) {
    return ms * this.slowness;
  }

  /**
   * Starts a contender and its feeder, connected.
   *
   * @param {{command: string[], args: Record<string, unknown>, tool?: (frames?: number) => string[]}} contender
   * @param {{
   *   role: string, interfaces?: number, fd?: boolean, buffer?: number, latency?: boolean, filters?: number,
   *   mode?: string, frames?: number, apart?: boolean
   * }} use
   */
  async with(contender, use, work) {
    const names = Array.from({ length: use.interfaces ?? 1 }, (_, i) => `vcan${i}`);
    const buffer = use.buffer ?? DEFAULT_BUFFER;
    const given = {
      ifaces: names.join(','),
      fd: use.fd ? 1 : 0,
      rcvbuf: buffer,
    };
    const dir = mkdtempSync(join(tmpdir(), 'bench-'));
    const words = (values) => Object.entries(values).map(([name, value]) => `${name}=${value}`);
    const children = [];
    try {
      this.#prepare(names, buffer);
      const [first, others] = use.apart ? APART : [[], []];
      const feeder = new Child([...first, join(built, 'feeder'), ...words({ ...given, venue: this.kind, dir })]);
      children.push(feeder);
      await feeder.expect('READY', this.wait(10_000));
      const environment =
        this.kind === 'unix' ? { LD_PRELOAD: join(built, 'af_unix_shim.so'), BENCH_UNIX_DIR: dir } : {};
      const args = {
        ...given,
        ...contender.args,
        role: use.role,
        latency: use.latency ? 1 : 0,
        filters: use.filters ?? 0,
        ...(use.mode === undefined ? {} : { mode: use.mode }),
      };
      const command =
        contender.tool === undefined
          ? [...contender.command, ...words(args)]
          : [join(built, 'rusage'), ...contender.tool(use.frames)];
      const child = new Child([...others, ...command], environment);
      children.push(child);
      const pair = { contender: child, feeder };
      if (use.role !== 'first') await child.expect('READY', this.wait(20_000));
      if (this.kind === 'unix') {
        feeder.tell('accept');
        await feeder.expect('ACCEPTED', this.wait(10_000));
      }
      return await work(pair);
    } finally {
      for (const child of children.reverse()) await child.end();
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** On a CAN kernel: interfaces, and the buffer of those contenders that cannot ask for one. */
  #prepare(names, buffer) {
    if (this.kind !== 'can') return;
    const there = new Set(readdirSync('/sys/class/net'));
    for (const name of names) {
      if (there.has(name)) continue;
      execFileSync('ip', ['link', 'add', name, 'mtu', '72', 'up', 'type', 'vcan']);
    }
    writeFileSync(RMEM_DEFAULT, String(buffer));
  }

  end() {
    if (this.kind === 'can') writeFileSync(RMEM_DEFAULT, this.#before);
  }
}
