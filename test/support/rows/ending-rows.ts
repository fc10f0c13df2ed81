import { expect } from 'chai';
import { FIXTURE_OPTIONS, fixturePath, KILLED_MS, runToEnd, type Ended } from '../processes/ending';
import { NODES, RUNNING } from '../processes/nodes';
import { row, type Seen } from './row';

/** The ways to end a process that receives, and the exit codes they are to give. */
const WAYS = {
  exit: { id: 'X1', code: 7, what: 'process.exit()' },
  throw: { id: 'X2', code: 1, what: 'an uncaught exception' },
  sigint: { id: 'X3', code: 9, what: 'SIGINT, whose handler calls process.exit()' },
  unref: { id: 'X4', code: 0, what: 'unref()' },
  close: { id: 'X5', code: 0, what: 'close()' },
} as const;

type Way = keyof typeof WAYS;

/**
 * The longest that an ending may take, in ms. A thread that is still starting is waited for, which
 * takes 60 ms, 600 in the slow guest; a thread nobody has told to end would take much longer: poll(2)
 * ends after a second, and the exit hook's patience after five.
 */
const LIMIT_MS = 2000;

/** How often an ending that took longer is tried again. */
const AGAIN = 5;

function complaint(way: Way, ended: Ended): string | undefined {
  const { code, signal, stderr } = ended;
  if (signal !== null) return `killed by ${signal}: ${stderr}`;
  if (code !== WAYS[way].code) return `code ${code}: ${stderr}`;
  if (way === 'throw' ? !stderr.includes('Error: uncaught') : stderr !== '') return stderr;
  return undefined;
}

async function inTurns<T>(
  items: readonly T[],
  abreast: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: abreast }, worker));
}

/**
 * Ends processes of one Node in one way, one for each moment (in us, see the fixture). One that took
 * too long on a machine that is busy with others must not do so again, alone; the table says of it.
 */
async function endAt(
  path: string,
  way: Way,
  interfaceName: string,
  moments: readonly (number | 'received')[],
  abreast: number,
  seen: Seen,
): Promise<void> {
  const complaints: string[] = [];
  const took: number[] = [];
  const slow: (number | 'received')[] = [];
  const end = async (moment: number | 'received'): Promise<number> => {
    const args = [fixturePath('ending'), way, interfaceName, String(moment)];
    const ended = await runToEnd(path, [...FIXTURE_OPTIONS, ...args]);
    const wrong = complaint(way, ended);
    if (wrong !== undefined) complaints.push(`${moment}: ${wrong}`);
    return ended.took;
  };
  await inTurns(moments, abreast, async (moment) => {
    const ms = await end(moment);
    took.push(ms);
    // One that hung until it was killed has no second chance.
    if (ms > LIMIT_MS && ms < KILLED_MS) slow.push(moment);
  });
  const good = moments.length - complaints.length;
  const longest = Math.max(...took).toFixed(0);
  seen(`${good} of ${moments.length} with code ${WAYS[way].code}, the longest in ${longest} ms`);
  for (const moment of slow.flatMap((each) => Array<typeof each>(AGAIN).fill(each))) {
    const ms = await end(moment);
    seen(`${moment}: again, alone, in ${ms.toFixed(0)} ms`);
    if (ms > LIMIT_MS) complaints.push(`${moment}: took ${ms} ms, again`);
  }
  if (complaints[0] !== undefined) seen(complaints[0].slice(0, 100));
  expect(complaints).to.deep.equal([]);
}

/** Every way with every Node; close(), which ends no thread that others would not, with one. */
const COMBINATIONS = (Object.keys(WAYS) as Way[]).flatMap((way) =>
  (way === 'close' ? [RUNNING] : NODES).map((node) => ({ way, node })),
);

/**
 * Rows: a process ends in all ways, at moments from 0 to `lastMs` after it opened a socket, in which
 * the thread starts. All moments of all rows are different.
 *
 * @param count moments a row
 * @param abreast processes at a time
 */
export function endingRows(
  interfaceName: string,
  lastMs: number,
  count: number,
  abreast: number,
): void {
  for (const [offset, { way, node }] of COMBINATIONS.entries()) {
    const moments = Array.from({ length: count }, (_, index) => {
      const place = index * COMBINATIONS.length + offset;
      return Math.round((place / (count * COMBINATIONS.length - 1)) * lastMs * 1000);
    });
    const { id, what } = WAYS[way];
    const often = count === 1 ? 'once' : `${count} times`;
    const done = `${what}, ${often}, 0 to ${lastMs} ms after opening, Node ${node.major}`;
    row(`${id}.${node.major}`, done, async function (seen) {
      this.timeout(60_000 + count * 10_000);
      await endAt(node.path, way, interfaceName, moments, abreast, seen);
    });
  }
}

/** A row: a process ends in all ways when the first frame has come. */
export function endingWhileReceivingRow(interfaceName: string): void {
  row('X6', 'all of these while a media receives', async (seen) => {
    for (const way of Object.keys(WAYS) as Way[]) {
      const say: Seen = (text) => {
        seen(`${WAYS[way].what}: ${text}`);
      };
      await endAt(process.execPath, way, interfaceName, ['received'], 1, say);
    }
  });
}
