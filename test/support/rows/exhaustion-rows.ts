import { expect } from 'chai';
import { FIXTURE_OPTIONS, fixturePath, runToEnd } from '../processes/ending';
import { RUNNING, type NodeVersion } from '../processes/nodes';
import { row } from './row';

/** A limit that leaves a process room for itself: Node has some 20 descriptors. */
const LIMIT = 40;

/** What the fixture says, see there. */
interface Report {
  readonly outcome: { frames?: true; error?: string; threw?: string };
  readonly again: object;
  readonly left: readonly string[];
}

/** What a thread that finds no descriptors fails with: Node's word for it depends on where it got to. */
const THREAD_FAILURES = ['ERR_WORKER_INIT_FAILED', 'EMFILE open', 'ERR_INVALID_PACKAGE_CONFIG'];

/** What is wrong with it; empty when nothing is. */
function complaints({ outcome, again, left }: Report, node: NodeVersion): string[] {
  const wrong: string[] = [];
  const { threw, error } = outcome;
  if (threw !== undefined && !threw.startsWith('EMFILE ')) wrong.push(`threw ${threw}`);
  if (error !== undefined && !THREAD_FAILURES.includes(error)) wrong.push(`failed by ${error}`);
  // Node 20 forgets the epoll of a thread whose event loop it could not set up; 22 does not.
  const forgotten = node.major < 22 && error === 'ERR_WORKER_INIT_FAILED' ? 1 : 0;
  const ours = left.filter((file) => !file.endsWith(' anon_inode:[eventpoll]'));
  if (ours.length > 0 || left.length > forgotten) wrong.push(`left open: ${left.join(', ')}`);
  if (!('frames' in again)) wrong.push(`then ${JSON.stringify(again)}`);
  return wrong;
}

async function exhaust(
  node: NodeVersion,
  kind: string,
  interfaceName: string,
  spare: number,
): Promise<{ seen: string; wrong: readonly string[] }> {
  const program = [node.path, ...FIXTURE_OPTIONS, fixturePath('exhaustion')];
  const command = [...program, kind, interfaceName, String(spare)];
  const ended = await runToEnd('sh', ['-c', `ulimit -n ${LIMIT}; exec "$@"`, 'sh', ...command]);
  const { code, signal, stdout, stderr } = ended;
  if (code !== 0 || stdout === '' || stderr !== '') {
    const end = `ended with ${String(signal ?? code)}, saying "${stdout}${stderr}"`;
    return { seen: end, wrong: [`${spare} left: ${end}`] };
  }
  const report = JSON.parse(stdout) as Report;
  const { threw, error } = report.outcome;
  const seen = threw === undefined ? (error ?? 'receives') : `throws ${threw}`;
  return { seen, wrong: complaints(report, node).map((text) => `${spare} left: ${text}`) };
}

/**
 * Rows: a receiver is opened when there are so few descriptors left. It throws, or it fails by 'error'
 * and closes, or it receives; then everything is closed again, and with descriptors a new one works.
 */
export function exhaustionRows(
  kind: 'socket' | 'media',
  interfaceName: string,
  spares: readonly number[],
  nodes: readonly NodeVersion[] = [RUNNING],
): void {
  for (const node of nodes) {
    const done = `a ${kind} with ${spares.join(', ')} descriptors left, Node ${node.major}`;
    row(`S2.${kind}.${node.major}`, done, async (seen) => {
      const wrong: string[] = [];
      for (const spare of spares) {
        const exhausted = await exhaust(node, kind, interfaceName, spare);
        seen(`${spare}: ${exhausted.seen}`);
        wrong.push(...exhausted.wrong);
      }
      expect(wrong.join('; ')).to.equal('');
    });
  }
}
