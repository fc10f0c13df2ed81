import { spawn } from 'node:child_process';

export interface Run {
  readonly status: number | null;
  readonly output: string;
}

/**
 * Runs an example as a program, from source or compiled like this one, and resolves with its status
 * and all it has printed.
 */
export function runExample(name: string, ...args: readonly string[]): Promise<Run> {
  const file = require.resolve(`../../../examples/${name}`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (status) => {
      resolve({ status, output });
    });
  });
}
