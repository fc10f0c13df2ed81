/**
 * Runs programs to their end, and stops those that still run, with everything they started, when this
 * process is stopped by a signal.
 */
import { spawn } from 'node:child_process';

export const MINUTE = 60_000;

const running = new Set();
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    stopping = true;
    await Promise.all([...running].map(stop));
    process.kill(process.pid, signal);
  });
}

/** Stops a program and everything it started: they share a process group. */
async function stop(program) {
  const end = (signal) => {
    try {
      process.kill(-program.child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  end('SIGTERM');
  const timer = setTimeout(end, 3000, 'SIGKILL');
  await program.ended;
  clearTimeout(timer);
}

/**
 * Runs a program to its end. Resolves with its exit status, or with what else ended it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {Record<string, string | undefined>} [options.env] added to this process's
 * @param {number} [options.timeout] in ms; 0: none
 * @param {'inherit' | 'pipe' | ((chunk: Buffer) => void)} [options.output] where stdout goes: here, into
 *   the result, or, together with stderr, to a function
 * @returns {Promise<{ status: number | string, stdout: string }>}
 */
export async function run(command, args, { env = {}, timeout = 0, output = 'inherit' } = {}) {
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
  const ended = new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('close', (status, signal) => settle(status ?? signal));
  });
  const program = { child, ended };
  running.add(program);
  let late = false;
  const giveUp = () => {
    late = true;
    void stop(program);
  };
  const timer = timeout > 0 ? setTimeout(giveUp, timeout) : undefined;
  const status = await ended;
  clearTimeout(timer);
  running.delete(program);
  // The signal's handler is about to end this process: start nothing else.
  if (stopping) await new Promise(() => {});
  return { status: late ? `no end within ${timeout / MINUTE} minutes` : status, stdout };
}
