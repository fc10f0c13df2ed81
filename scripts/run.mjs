/**
 * Runs programs one after another, each to its end, and ends the one that runs, with all that it
 * started, when this process is told to end.
 */
import { spawn } from 'node:child_process';

export const MINUTE = 60_000;

let running;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    stopping = true;
    await stop(running);
    process.kill(process.pid, signal);
  });
}

/** Ends a program and all that it started, which share a process group. */
async function stop(program) {
  if (program === undefined) return;
  const end = (signal) => {
    try {
      process.kill(-program.child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  end('SIGTERM');
  const timer = setTimeout(end, 3000, 'SIGKILL');
  await program.ended;
  clearTimeout(timer);
}

/**
 * Runs a program to its end; its status, or what else ended it, and what it said where `output` is
 * 'pipe'. `timeout` in ms, 0 for none.
 */
export async function run(command, args, { env = {}, timeout = 0, output = 'inherit' } = {}) {
  const child = spawn(command, args, {
    stdio: ['ignore', output, 'inherit'],
    env: { ...process.env, ...env },
    detached: true,
  });
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
  const ended = new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('close', (status, signal) => settle(status ?? signal));
  });
  const program = (running = { child, ended });
  let late = false;
  const timer =
    timeout > 0 &&
    setTimeout(() => {
      late = true;
      void stop(program);
    }, timeout);
  const status = await ended;
  clearTimeout(timer);
  running = undefined;
  // The signal's handler is about to end this process: nothing more is started.
  if (stopping) await new Promise(() => {});
  return { status: late ? `no end within ${timeout / MINUTE} minutes` : status, stdout };
}
