import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scripts = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'scripts');

/**
 * Kernels with CAN for machines that have none. `slowness` multiplies what is waited for; `work` and `contenders`
 * are what is worth the time there, when nothing was asked for by name, and `reps` the most repetitions.
 */
export const GUESTS = {
  uml: {
    script: 'can-guest.sh',
    program: 'linux.uml',
    slowness: 4,
    work: ['drain-classic', 'send-one', 'send-batch', 'ping-pong', 'paced-1k'],
    contenders: ['C recv', 'CANSocket', 'npm'],
    reps: 1,
  },
  qemu: {
    script: 'can-controllers.sh',
    program: 'qemu-system-x86_64',
    slowness: 15,
    work: ['drain-classic', 'rate', 'blocked-250ms'],
    contenders: ['C recv', 'CANSocket', 'npm'],
    reps: 1,
  },
};

export function guestMissing(name) {
  const { program } = GUESTS[name];
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program))) ? undefined : `no ${program}`;
}

/** Runs bench/run.mjs in a guest with these arguments; gives its results. */
export async function runInGuest(name, args, minutes) {
  const { script, slowness } = GUESTS[name];
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const output = join(folder, 'results.json');
  const run = join(scripts, '..', 'bench', 'run.mjs');
  const inner = [run, '--venues', 'here', '--no-build', '--slowness', String(slowness)];
  const command = [process.execPath, ...inner, '--output', output, ...args];
  const limit = ['--timeout', String(minutes * 60)];
  try {
    const guest = spawn('bash', [join(scripts, script), ...limit, '--', ...command], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const status = await new Promise((resolve) => guest.on('close', resolve));
    if (status !== 0) throw new Error(`the guest ended with status ${status}`);
    return JSON.parse(readFileSync(output, 'utf8')).runs[0];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
