import { expect } from 'chai';
import * as fc from 'fast-check';
import { EAGAIN, EINVAL, ENETDOWN, ENOBUFS } from '../../../src/libc';
import type { SendResult } from '../../../src/socket/transmit/result';
import { call, closedError, frames, now, QueueBench } from '../../support/outlet';

const MS = 1_000_000n;

/** What a call came to; `fate` is that of the frames that were not sent. */
interface Outcome {
  readonly sent: number;
  readonly rest: number;
  readonly fate: 'expired' | 'refused' | 'aborted';
}

const answer = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 4, arbitrary: fc.constantFrom(-EAGAIN, -ENOBUFS, -ENETDOWN) },
  { weight: 1, arbitrary: fc.constant(-EINVAL) },
);

const anyCall = fc.record({
  size: fc.integer({ min: 1, max: 20 }),
  deadlineMs: fc.constantFrom(-1n, 2n, 10n, 3_600_000n),
  /** When it is aborted, in ms: before it begins, in the same turn, later, or never. */
  abort: fc.constantFrom('before', 'now', 1, 6, 'never'),
});

/** Waits for a call, of which `asked` frames are to be accounted for. */
function outcome(sending: Promise<SendResult>, asked: number): Promise<Outcome> {
  return sending.then(
    ({ sent, expired }) => {
      expect(sent + expired).to.equal(asked);
      return { sent, rest: expired, fate: 'expired' };
    },
    (error: unknown) => {
      const { sent, code } = error as { sent: number; code?: string };
      const rest = asked - sent;
      return { sent, rest, fate: code === 'ABORT_ERR' ? 'aborted' : 'refused' };
    },
  );
}

describe('the account of a queue whose calls are aborted', () => {
  it('has every frame once: sent + expired + refused + aborted = asked for', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { maxLength: 15 }),
        fc.array(anyCall, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(undefined, -EAGAIN),
        fc.constantFrom(false, true),
        async (script, calls, default_, closes) => {
          const { queue, outlet, counters } = new QueueBench(script, default_);
          const lists = calls.map(({ size }, index) => frames(size, index * 100));
          const sending = calls.map(({ deadlineMs, abort, size }, index) => {
            const controller = new AbortController();
            if (abort === 'before') controller.abort();
            const { signal } = controller;
            const list = lists[index] ?? [];
            const result = queue.send(call(list, false, now() + deadlineMs * MS, signal));
            if (abort === 'now') controller.abort();
            if (typeof abort === 'number') {
              setTimeout(() => {
                controller.abort();
              }, abort);
            }
            return outcome(result, size);
          });
          // A kernel that answers EAGAIN for ever changes its mind, or the socket is closed.
          setTimeout(() => {
            if (closes) queue.close(closedError);
            else outlet.default_ = undefined;
          }, 15);
          const outcomes = await Promise.all(sending);

          // What the kernel got is the beginning of every call, in the order of the calls.
          expect(outlet.taken).to.deep.equal(
            outcomes.flatMap(({ sent }, index) => lists[index]?.slice(0, sent) ?? []),
          );
          const restOf = (fate: Outcome['fate']): number =>
            outcomes.reduce((sum, each) => sum + (each.fate === fate ? each.rest : 0), 0);
          expect(counters).to.include({
            sent: outlet.taken.length,
            expired: restOf('expired'),
            refused: restOf('refused'),
            aborted: restOf('aborted'),
          });
          const { sent, expired, refused, aborted } = counters;
          expect(sent + expired + refused + aborted).to.equal(lists.flat().length);
        },
      ),
      { numRuns: 80 },
    );
  });
});
