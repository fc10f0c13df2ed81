/**
 * The table of test suites. A test file belongs to the suite with the longest matching folder.
 *
 * - folder: below test/
 * - place: where it runs. 'host': here. 'guest': in a kernel with CAN, as root. 'controllers': on a
 *   machine with two emulated CAN controllers. 'package': against the packed package.
 * - long: runs in `npm run test:all` only
 * - last: a file that must run after the others of its suite
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SUITES = {
  host: { folder: '', place: 'host' },
  kernel: { folder: 'kernel', place: 'guest' },
  faults: { folder: 'kernel/faults', place: 'guest' },
  lifetime: { folder: 'lifetime', place: 'host', long: true },
  headers: { folder: 'headers', place: 'host', long: true },
  docs: { folder: 'docs', place: 'host', long: true },
  examples: { folder: 'examples', place: 'host', long: true },
  package: { folder: 'package', place: 'package', long: true },
  // After a remote frame with a DLC above 0, QEMU's SJA1000 no longer receives correctly.
  controllers: {
    folder: 'controllers',
    place: 'controllers',
    long: true,
    last: 'controllers/remote-frames.test.ts',
  },
};

/** The suites of `npm test`. */
export const ORDINARY = Object.keys(SUITES).filter((name) => !SUITES[name].long);

const within = (file, folder) => folder === '' || file.startsWith(`${folder}/`);

/** The suite of a test file, given relative to test/. */
export function suiteOf(file) {
  const names = Object.keys(SUITES).filter((name) => within(file, SUITES[name].folder));
  return names.reduce((best, name) => (SUITES[name].folder.length > SUITES[best].folder.length ? name : best));
}

/** The project's folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.test\.(ts|mjs)$/.test(name))
  .sort();

/** The test files of a suite, relative to test/, in the order they run. */
export function filesOf(suite) {
  const own = files.filter((file) => suiteOf(file) === suite);
  const { last } = SUITES[suite];
  return last === undefined ? own : [...own.filter((file) => file !== last), last];
}

/** The test files below a path such as `test/frame` or `test/frame/dlc.test.ts`. */
export function filesBelow(path) {
  const name = join(path)
    .replace(/^test\/?/, '')
    .replace(/\/$/, '');
  return files.filter((file) => file === name || within(file, name));
}
