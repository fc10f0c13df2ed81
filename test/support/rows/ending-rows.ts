import { expect } from 'chai';
import { FIXTURE_OPTIONS, fixturePath, runToEnd, type Ended } from '../processes/ending';
import { NODES, RUNNING } from '../processes/nodes';
import { row, type Seen } from './row';

/** The ways to end a process that receives, and their exit codes. */
const WAYS = {
  exit: { id: 'X1', code: 7, what: 'process.exit()' },
  throw: { id: 'X2', code: 1, what: 'an uncaught exception' },
  sigint: { id: 'X3', code: 9, what: 'SIGINT, whose handler calls process.exit()' },
  unref: { id: 'X4', code: 0, what: 'unref()' },
  close: { id: 'X5', code: 0, what: 'close()' },
} as const;

type Way = keyof typeof WAYS;
const ALL_WAYS: readonly Way[] = ['exit', 'throw', 'sigint', 'unref', 'close'];

function complaint(way: Way, ended: Ended): string | undefined {
  const { code, signal, stderr } = ended;
  if (signal !== null) return `killed by ${signal}: ${stderr}`;
  if (code !== WAYS[way].code) return `code ${code}: ${stderr}`;
  if (way === 'throw' ? !stderr.includes('Error: uncaught') : stderr !== '') return stderr;
  return Number.isFinite(ended.took) ? undefined : 'ended before it was due';
}

async function inTurns<T>(items: readonly T[], abreast: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: abreast }, worker));
}

/**
 * Ends processes of one Node in one way, one for each moment (in us, see the fixture). runToEnd() kills a
 * process that hangs, which gives it a signal in place of its code.
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
  await inTurns(moments, abreast, async (moment) => {
    const args = [fixturePath('ending'), way, interfaceName, String(moment)];
    const ended = await runToEnd(path, [...FIXTURE_OPTIONS, ...args]);
    const wrong = complaint(way, ended);
    if (wrong !== undefined) complaints.push(`${moment}: ${wrong}`);
    took.push(ended.took);
  });
  const good = moments.length - complaints.length;
  took.sort((a, b) => a - b);
  const [median, longest] = [took[Math.floor(took.length / 2)], took.at(-1)];
  seen(`${good} of ${moments.length} with code ${WAYS[way].code}`);
  seen(`the median in ${median?.toFixed(0)} ms, the longest in ${longest?.toFixed(0)} ms`);
  if (complaints[0] !== undefined) seen(complaints[0].slice(0, 100));
  expect(complaints).to.deep.equal([]);
}

/** Every way with every Node; close() with one, as it ends the thread like the others. */
const COMBINATIONS = ALL_WAYS.flatMap((way) => (way === 'close' ? [RUNNING] : NODES).map((node) => ({ way, node })));

/**
 * Rows: a process ends in all ways, at moments from 0 to `lastMs` after it opened a socket, in which
 * the thread starts. All moments of all rows are different.
 *
 * @param count moments a row
 * @param abreast processes at a time
 */
export function endingRows(interfaceName: string, lastMs: number, count: number, abreast: number): void {
  for (const [offset, { way, node }] of COMBINATIONS.entries()) {
    const moments = Array.from({ length: count }, (_, index) => {
      const place = index * COMBINATIONS.length + offset;
      return Math.round((place / (count * COMBINATIONS.length - 1)) * lastMs * 1000);
    });
    const { id, what } = WAYS[way];
    const often = count === 1 ? 'once' : `${count} times`;
    const done = `${what}, ${often}, 0 to ${lastMs} ms after opening, Node ${node.major}`;
    row(`${id}.${node.major}`, done, async function (seen) {
      this.timeout(120_000 + count * 60_000);
      await endAt(node.path, way, interfaceName, moments, abreast, seen);
    });
  }
}

/** A row: processes end in these ways when a media has received its first frame. */
export function endingWhileReceivingRow(interfaceName: string, ways = ALL_WAYS): void {
  row('X6', `${ways.join(', ')} while a media receives`, async (seen) => {
    for (const way of ways) {
      const say: Seen = (text) => {
        seen(`${WAYS[way].what}: ${text}`);
      };
      await endAt(process.execPath, way, interfaceName, ['received'], 1, say);
    }
  });
}
