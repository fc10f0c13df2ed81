import { spawn } from 'node:child_process';
import { extname, join } from 'node:path';

const EXTENSION = extname(__filename);

/** Time after which a program that never says "ending" is killed, in ms: only a hang takes longer. */
const TIMEOUT_MS = 110_000;

/** A program that has not ended this long after it said "ending" hangs and is killed, in ms. */
const KILLED_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Time from the word "ending" to the end, in ms; infinite when the program never said it. */
  readonly took: number;
}

/** The path of a file of test/support/fixtures; compiled where this file is. */
export function fixturePath(name: string): string {
  return join(__dirname, '..', 'fixtures', `${name}${EXTENSION}`);
}

/** Options of Node for a fixture: compiled ones need no loader, and start sooner without it. */
export const FIXTURE_OPTIONS: readonly string[] = EXTENSION === '.js' ? [] : process.execArgv;

/**
 * Runs a program that ends by itself, and kills it if it hangs. A program may print "ending" when it
 * begins to end, with the time of process.hrtime in ns: `took` counts from then.
 */
export function runToEnd(program: string, args: readonly string[], timeout = TIMEOUT_MS): Promise<Ended> {
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
