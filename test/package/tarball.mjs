import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * scripts/check-package.mjs passes the path of the packed package, and the Node.js programs by
 * major version.
 */

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function given(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error('Run these tests with `npm run check:package`');
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

/** Creates an empty folder. Deletes it when the process exits, also when no test of a suite runs. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'socketcan-user-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Unpacks the package and returns its folder. */
export function unpack(folder) {
  execFileSync('tar', ['-xzf', TARBALL, '-C', folder]);
  return join(folder, 'package');
}

/**
 * The environment of a machine with nothing but one Node.js: `node` is the only program on its
 * PATH, so programs find no compiler, make, Python or shell by name.
 */
export function bareEnvironment(folder, node) {
  const path = join(folder, 'bin');
  mkdirSync(path, { recursive: true });
  symlinkSync(node, join(path, 'node'));
  return { ...process.env, PATH: path };
}

/** Creates a project of these files and installs the package in it, without running scripts. */
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

/** The JavaScript file of npm. The bare machine has no shell for npm's start script. */
function npmProgram() {
  const prefix = execFileSync('npm', ['root', '--global', '--loglevel=error'], {
    encoding: 'utf8',
  });
  return join(prefix.trim(), 'npm', 'bin', 'npm-cli.js');
}
