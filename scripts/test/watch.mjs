/** Runs host tests from their source again whenever a file below src/ or test/ changes. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { filesOf } from './suites.mjs';

const { resolve } = createRequire(import.meta.url);

/** @param {import('./arguments.mjs').Request} request */
export function watch({ files, mocha }) {
  const program = join(dirname(resolve('mocha/package.json')), 'bin/mocha.js');
  const chosen = (files.length > 0 ? files : filesOf('host')).map((file) => `test/${file}`);
  const watched = ['--watch', '--watch-files', 'src/**/*.ts', '--watch-files', 'test/**/*.ts'];
  const { status } = spawnSync(process.execPath, [program, ...watched, ...mocha, ...chosen], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
