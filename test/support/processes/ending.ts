import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';

const EXTENSION = extname(__filename);

/** The longest that a program may take that never says "ending", in ms. */
const PATIENCE_MS = 60_000;

/** A program that has not ended this long after it said "ending" hangs and is killed, in ms. */
export const KILLED_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the word "ending" to the end, in ms; infinite when it was never said. */
  readonly took: number;
}

/** The path of a file of test/support/fixtures, compiled or not, as this one is. */
export function fixturePath(name: string): string {
  return join(__dirname, '..', 'fixtures', `${name}${EXTENSION}`);
}

/** Compiled fixtures need no loader of the test runner's, and without it they start sooner. */
export const FIXTURE_OPTIONS: readonly string[] = EXTENSION === '.js' ? [] : process.execArgv;

/**
 * Runs a program that ends by itself, killed if it has not ended 60 s after it said "ending". Where
 * the word is followed by a time of process.hrtime, in ns, it is from then that the ending took.
 */
export function runToEnd(
  program: string,
  args: readonly string[],
  timeout = PATIENCE_MS,
): Promise<Ended> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  let ending: bigint | undefined;
  let deadline: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const said = /^ending(?: (\d+))?$/m.exec(stdout);
    if (ending !== undefined || said === null) return;
    ending = said[1] === undefined ? process.hrtime.bigint() : BigInt(said[1]);
    deadline = setTimeout(() => child.kill('SIGKILL'), KILLED_MS);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      const took = ending === undefined ? Infinity : Number(process.hrtime.bigint() - ending) / 1e6;
      resolve({ code, signal, stdout, stderr, took });
    });
  });
}

/** Runs a file of test/support/fixtures in a process of its own, see {@link runToEnd}. */
export function runFixture(name: string, ...args: readonly string[]): Promise<Ended> {
  return runToEnd(process.execPath, [...FIXTURE_OPTIONS, fixturePath(name), ...args]);
}
