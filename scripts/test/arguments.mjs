/** The command line of scripts/test.mjs. */
import { existsSync } from 'node:fs';
import { LONG_TERM } from '../node-versions.mjs';
import { filesBelow, SUITES } from './suites.mjs';

const SUITE_NAMES = Object.keys(SUITES).join(', ');

const USAGE = `Usage: npm test -- [OPTION...] [SUITE | FILE | FOLDER]...

Without a suite, file or folder: host, kernel and faults, at the same time.

Suites: ${SUITE_NAMES}

      --all         what takes long instead: npm run test:all
      --full        every row at full length, as tables
      --node N      with another version of Node: ${LONG_TERM.join(', ')}
      --watch       run host tests again whenever a file changes
  -g, --grep TEXT   only tests whose title matches
  -f, --fgrep TEXT  only tests whose title contains this
  -i, --invert      the other tests
  -b, --bail        stop after the first failure
  -t, --timeout MS  for each test
`;

/** Options of mocha that are handed on: with a value as the next word, and without. */
const VALUED = ['--grep', '-g', '--fgrep', '-f', '--timeout', '-t'];
const FLAGS = ['--invert', '-i', '--bail', '-b'];

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

/** @param {string} message @returns {never} */
function refuse(message) {
  console.error(message);
  process.exit(2);
}

/** Reads the arguments, or ends the process: status 0 after --help, 2 for wrong ones. */
export function parse(args) {
  const request = { all: false, full: false, watch: false, node: undefined };
  const suites = [];
  const files = [];
  const mocha = [];
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [name = ''] = word.split('=');
    if (word === '--help' || word === '-h') {
      console.log(USAGE);
      process.exit(0);
    } else if (word === '--all' || word === '--full' || word === '--watch') {
      request[word.slice(2)] = true;
    } else if (word === '--node') request.node = nodeVersion(rest.shift());
    else if (FLAGS.includes(word) || (VALUED.includes(name) && name !== word)) mocha.push(word);
    else if (VALUED.includes(word)) {
      mocha.push(word, rest.shift() ?? refuse(`${word} needs a value`));
    } else if (word.startsWith('-')) refuse(`Unknown option ${word}; see npm test -- --help`);
    else if (Object.hasOwn(SUITES, word)) suites.push(word);
    else files.push(...below(word));
  }
  const { all, full, watch, node } = request;
  if (all && suites.length + files.length > 0) refuse('--all takes no suite, file or folder');
  if (watch && (node !== undefined || all)) refuse('--watch goes with neither --node nor --all');
  return {
    all,
    full: full || all,
    watch,
    node,
    suites,
    files,
    mocha,
    otherNodes: full || all || node !== undefined,
  };
}

function nodeVersion(text) {
  if (LONG_TERM.includes(text)) return text;
  return refuse(`--node takes ${LONG_TERM.join(', ')}, not ${text}`);
}

/** The test files of a path. */
function below(path) {
  const found = existsSync(path) ? filesBelow(path) : [];
  if (found.length > 0) return found;
  return refuse(`No test files in "${path}". Name a file or folder of tests, or a suite: ${SUITE_NAMES}`);
}
