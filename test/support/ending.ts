import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the word "ending" to the end, in ms. */
  readonly took: number;
}

/** Runs a file of test/support/fixtures in a process of its own, killed if it has not ended 10 s after "ending". */
export function runFixture(name: string, ...args: readonly string[]): Promise<Ended> {
  const path = join(__dirname, 'fixtures', `${name}${extname(__filename)}`);
  const child = spawn(process.execPath, [...process.execArgv, path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let ending = Infinity;
  let deadline: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (ending < Infinity || !stdout.includes('ending')) return;
    ending = performance.now();
    deadline = setTimeout(() => child.kill('SIGKILL'), 10_000);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, stdout, stderr, took: performance.now() - ending });
    });
  });
}
