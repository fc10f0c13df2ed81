/** The command line of scripts/test.mjs. */
import { existsSync } from 'node:fs';
import { filesBelow, SUITES } from './suites.mjs';

/**
 * @typedef {object} Request
 * @property {boolean} all
 * @property {boolean} full
 * @property {boolean} watch
 * @property {string | undefined} node a major version
 * @property {readonly string[]} suites
 * @property {readonly string[]} files relative to test/
 * @property {readonly string[]} mocha options handed on
 * @property {boolean} otherNodes whether tests start processes of other versions of Node
 */

/** Options of mocha that take a value as a word of its own. */
const VALUED = new Set([
  '--grep',
  '-g',
  '--fgrep',
  '-f',
  '--timeout',
  '-t',
  '--slow',
  '-s',
  '--retries',
]);

/** @param {readonly string[]} args @returns {Request} */
export function parse(args) {
  const rest = [...args];
  const flag = (name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  };
  const all = flag('--all');
  const full = flag('--full') || all;
  const watch = flag('--watch');
  const at = rest.indexOf('--node');
  const node = at < 0 ? undefined : rest.splice(at, 2)[1];
  const suites = [];
  const files = [];
  const mocha = [];
  for (const [index, word] of rest.entries()) {
    if (word.startsWith('-') || VALUED.has(rest[index - 1])) mocha.push(word);
    else if (Object.hasOwn(SUITES, word)) suites.push(word);
    else files.push(...below(word));
  }
  return { all, full, watch, node, suites, files, mocha, otherNodes: full || node !== undefined };
}

/** The test files of a path, or the end with status 2. */
function below(path) {
  const files = existsSync(path) ? filesBelow(path) : [];
  if (files.length > 0) return files;
  const suites = Object.keys(SUITES).join(', ');
  console.error(`No tests in "${path}". Name a file or folder below test/, or a suite: ${suites}`);
  process.exit(2);
}
