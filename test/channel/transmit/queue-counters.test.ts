import { expect } from 'chai';
import * as fc from 'fast-check';
import { EAGAIN, EINVAL, ENETDOWN, ENOBUFS, ENOMEM } from '../../../src/libc/errno';
import type { SendResult } from '../../../src/send-result';
import { MS } from '../../support/fakes/clock';
import { closedError, items, QueueBench, request } from '../../support/fakes/transmit-queue';

/** How a call ended. Its result counts aborted items as `refused`. */
interface Outcome {
  readonly result: SendResult;
  readonly end: 'resolved' | 'refused' | 'closed' | 'aborted';
}

const answer = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 4, arbitrary: fc.constantFrom(-EAGAIN, -ENOBUFS, -ENOMEM, -ENETDOWN) },
  { weight: 1, arbitrary: fc.constant(-EINVAL) },
);

const anyCall = fc.record({
  size: fc.integer({ min: 1, max: 20 }),
  deadlineMs: fc.constantFrom(-1n, 2n, 10n, 3_600_000n),
  /** When it is aborted: before it begins, in the same turn, after so many ms, or never. */
  abort: fc.constantFrom('before', 'now', 1, 6, 'never'),
  confirm: fc.boolean(),
});

const anyScene = fc.record({
  script: fc.array(answer, { maxLength: 15 }),
  calls: fc.array(anyCall, { minLength: 1, maxLength: 8 }),
  default_: fc.constantFrom(undefined, -EAGAIN),
  /** By rank, the newest call goes first. */
  rank: fc.constantFrom(undefined, (item: number) => -item),
  /** When the queue is purged: after so many ms, or never. */
  purge: fc.constantFrom(0, 3, undefined),
  closes: fc.boolean(),
});

type Scene = typeof anyScene extends fc.Arbitrary<infer T> ? T : never;

/** Waits for a call, and counts how often it settles. */
function outcome(sending: Promise<SendResult>, settled: () => void): Promise<Outcome> {
  return sending.then(
    (result) => {
      settled();
      return { result, end: 'resolved' };
    },
    (error: unknown) => {
      settled();
      const { result, code, message } = error as Error & { result: SendResult; code?: string };
      const closed = message === 'closed' ? 'closed' : 'refused';
      return { result, end: code === 'ABORT_ERR' ? 'aborted' : closed };
    },
  );
}

/** Plays a scene. In the end a kernel that always answered EAGAIN takes all items, or the queue is closed. */
async function play({ script, calls, default_, rank, purge, closes }: Scene) {
  const { queue, sender, counters, clock } = new QueueBench(script, default_, rank);
  sender.afterSent = (job) => {
    // The echo comes later; one item in three is lost.
    const index = job.sent;
    clock.setTimeout(() => {
      if (job.awaitsEchoes) job.echoed(index % 3, index % 3 === 0 ? undefined : { systemNs: 0n, monotonicNs: 0n });
    }, 1);
  };
  const lists = calls.map(({ size }, index) => items(size, index * 100));
  let settled = 0;
  const outcomes = calls.map(({ deadlineMs, abort, confirm }, index) => {
    const controller = new AbortController();
    if (abort === 'before') controller.abort();
    const deadlineNs = clock.now() + deadlineMs * MS;
    const checked = request(lists[index] ?? [], { deadlineNs, signal: controller.signal, confirm });
    const sending = queue.send(checked, confirm ? 'bus' : undefined);
    if (abort === 'now') controller.abort();
    if (typeof abort === 'number') {
      clock.setTimeout(() => {
        controller.abort();
      }, abort);
    }
    return outcome(sending, () => settled++);
  });
  let purged = purge === 0 ? queue.purge() : 0;
  if (purge !== undefined && purge > 0) clock.setTimeout(() => (purged = queue.purge()), purge);
  clock.setTimeout(() => {
    if (closes) queue.close(closedError);
    else sender.default_ = undefined;
  }, 15);
  const ended = await clock.run(Promise.all(outcomes));
  await clock.advance(20n * MS);
  return { lists, counters, taken: sender.taken, ended, purged, settled };
}

/** The sent items of each call: its first ones. */
function beginnings(lists: readonly (readonly number[])[], ended: readonly Outcome[]): number[] {
  return ended.flatMap(({ result }, index) => lists[index]?.slice(0, result.sent) ?? []);
}

describe('the counters of a TransmitQueue', () => {
  it('count every item once, as sent, expired, refused, purged or aborted', async () => {
    await fc.assert(
      fc.asyncProperty(anyScene, async (scene) => {
        const { lists, counters, taken, ended, purged, settled } = await play(scene);
        expect(settled, 'each call settles once').to.equal(lists.length);
        ended.forEach(({ result, end }, index) => {
          const { sent, expired, refused } = result;
          expect(sent + expired + refused + result.purged).to.equal(lists[index]?.length);
          if (end === 'resolved') expect(refused).to.equal(0);
          else expect(expired + result.purged).to.equal(0);
          expect(result.confirmed).to.be.at.most(sent);
        });
        const sum = (name: 'sent' | 'expired' | 'refused' | 'purged', ...ends: Outcome['end'][]) =>
          ended.reduce(
            (total, { result, end }) => total + (ends.length === 0 || ends.includes(end) ? result[name] : 0),
            0,
          );
        expect(counters).to.include({
          sent: sum('sent'),
          expired: sum('expired'),
          refused: sum('refused', 'refused', 'closed'),
          aborted: sum('refused', 'aborted'),
          purged: sum('purged'),
        });
        expect(sum('purged')).to.equal(purged);

        // The kernel got the first items of every call, without ranks in the order of the calls.
        const expected = beginnings(lists, ended);
        if (scene.rank === undefined) expect(taken).to.deep.equal(expected);
        else expect(taken).to.have.deep.members(expected);
        for (const list of lists) {
          const own = taken.filter((item) => list.includes(item));
          expect(own, 'the order of a call').to.deep.equal(list.slice(0, own.length));
        }
      }),
      { numRuns: 300 },
    );
  });
});
