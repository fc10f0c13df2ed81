import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * scripts/check-package.mjs hands over the packed package, and Node's programs by their major
 * versions.
 */

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function given(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error('These tests are run by `npm run check:package`');
  return value;
}

export const TARBALL = given('SOCKETCAN_TARBALL');
export const NODES = Object.entries(JSON.parse(given('SOCKETCAN_NODES')));

/** The regular files below a folder, relative to it, in order. */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** An empty folder that is gone when the tests end, also where none of a suite's was chosen. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'socketcan-user-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Unpacks the package; the folder it is in then. */
export function unpack(folder) {
  execFileSync('tar', ['-xzf', TARBALL, '-C', folder]);
  return join(folder, 'package');
}

/**
 * A machine that has nothing but one Node: `node` is the only program on its PATH, so that no
 * compiler, no make, no Python and no shell is found by name.
 */
export function bareEnvironment(folder, node) {
  const path = join(folder, 'bin');
  mkdirSync(path, { recursive: true });
  symlinkSync(node, join(path, 'node'));
  return { ...process.env, PATH: path };
}

/** Makes a project of these files and installs the package in it, without any script. */
export function install(project, node, environment, files = {}) {
  mkdirSync(project, { recursive: true });
  const all = { 'package.json': '{ "name": "user", "private": true }\n', ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(project, name), text);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync(node, [npmProgram(), 'install', ...options, TARBALL], {
    cwd: project,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** npm's own program, since the bare machine has no shell script that finds it. */
function npmProgram() {
  const prefix = execFileSync('npm', ['root', '--global', '--loglevel=error'], {
    encoding: 'utf8',
  });
  return join(prefix.trim(), 'npm', 'bin', 'npm-cli.js');
}
