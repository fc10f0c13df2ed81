/**
 * Runs programs to their end, and stops those that still run, with everything they started, when this
 * process is stopped by a signal.
 */
import { spawn } from 'node:child_process';

export const MINUTE = 60_000;

/** Time for a program to stop by itself, in ms. */
const STOP_MS = 3000;
/** Time for what a program has written, after its end, to arrive, in ms: something it started may hold its output. */
const OUTPUT_MS = 10_000;

const running = new Set();
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    await Promise.all([...running].map(stop));
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Stops a program and everything it started: they share a process group. */
async function stop({ child, ended, stopMs }) {
  const end = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  end('SIGTERM');
  const timer = setTimeout(end, stopMs, 'SIGKILL');
  await ended;
  clearTimeout(timer);
}

/** Resolves with how a program ended, when its output has arrived. */
function endOf(child) {
  return new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (status, signal) => {
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, OUTPUT_MS);
      child.once('close', () => {
        clearTimeout(timer);
        settle(status ?? signal);
      });
    });
  });
}

/**
 * Runs a program to its end. Resolves with its exit status, or with what else ended it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {Record<string, string | undefined>} [options.env] added to this process's
 * @param {number} [options.timeout] in ms; 0: none
 * @param {number} [options.stopMs] time to stop by itself, in ms; a script that runs programs itself needs more
 * @param {'inherit' | 'pipe' | ((chunk: Buffer) => void)} [options.output] where stdout goes: here, into
 *   the result, or, together with stderr, to a function
 * @returns {Promise<{ status: number | string, stdout: string }>}
 */
export async function run(command, args, { env = {}, timeout = 0, stopMs = STOP_MS, output = 'inherit' } = {}) {
  const toFunction = typeof output === 'function';
  const child = spawn(command, args, {
    stdio: ['ignore', output === 'inherit' ? 'inherit' : 'pipe', toFunction ? 'pipe' : 'inherit'],
    env: { ...process.env, ...env },
    detached: true,
  });
  let stdout = '';
  if (toFunction) {
    child.stdout?.on('data', output);
    child.stderr?.on('data', output);
  } else child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
  const program = { child, ended: endOf(child), stopMs };
  running.add(program);
  let late = false;
  const giveUp = () => {
    late = true;
    void stop(program);
  };
  const timer = timeout > 0 ? setTimeout(giveUp, timeout) : undefined;
  const status = await program.ended;
  clearTimeout(timer);
  running.delete(program);
  // The signal's handler is about to end this process: start nothing else.
  if (stopping) await new Promise(() => {});
  return { status: late ? `no end within ${timeout / MINUTE} minutes` : status, stdout };
}
