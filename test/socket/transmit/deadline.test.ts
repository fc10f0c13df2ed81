import { expect } from 'chai';
import * as fc from 'fast-check';
import { EAGAIN, EINVAL, ENETDOWN, ENOBUFS, ENOMEM } from '../../../src/libc';
import { call, frames, now, QueueBench } from '../../support/outlet';

const MS = 1_000_000n;
const FAR = 3_600_000n * MS;

describe('the deadline of a send', () => {
  it('that has passed lets nothing through to the kernel', async () => {
    const { queue, outlet, counters } = new QueueBench();
    for (const deadline of [0n, -1n, now() - 1n]) {
      expect(await queue.send(call(frames(3), false, deadline))).to.include({
        sent: 0,
        expired: 3,
      });
    }
    expect(outlet.offers).to.deep.equal([]);
    expect(counters).to.include({ sent: 0, expired: 9, retries: 0 });
  });

  for (const [name, errno] of Object.entries({ EAGAIN, ENOBUFS, ENETDOWN })) {
    it(`ends the wait after ${name}, with the number of frames so far`, async () => {
      const { queue, outlet, counters } = new QueueBench([2], -errno);
      const deadline = now() + 30n * MS;
      expect(await queue.send(call(frames(5), false, deadline))).to.include({
        sent: 2,
        expired: 3,
      });
      expect(now() >= deadline, 'not before its time').to.equal(true);
      const calls = outlet.offers.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(outlet.offers, 'no call after it').to.have.length(calls);
      expect(counters).to.include({ sent: 2, expired: 3, retries: calls - 1 });
    });
  }

  it('ends a call that waits behind a blocked one, and that one goes on', async () => {
    const { queue, outlet } = new QueueBench([], -ENOBUFS);
    const first = frames(2);
    const blocked = queue.send(call(first, false, now() + FAR));
    const behind = queue.send(call(frames(4, 100), false, now() + 20n * MS));
    const last = queue.send(call(frames(1, 200), false, now() + FAR));
    expect(await behind).to.include({ sent: 0, expired: 4 });
    outlet.default_ = undefined;
    expect(await blocked).to.include({ sent: 2, expired: 0 });
    expect(await last).to.include({ sent: 1, expired: 0 });
    expect(outlet.taken).to.deep.equal([...first, ...frames(1, 200)]);
  });

  it('lets the next call have its turn at once', async () => {
    const { queue, outlet } = new QueueBench([], -EAGAIN);
    const first = queue.send(call(frames(2), false, now() + 10n * MS));
    const second = queue.send(call(frames(2, 100), false, now() + FAR));
    void first.then(() => (outlet.default_ = undefined));
    expect(await first).to.include({ sent: 0, expired: 2 });
    expect(await second).to.include({ sent: 2, expired: 0 });
    expect(outlet.taken).to.deep.equal(frames(2, 100));
  });

  it('is looked at between two calls to the kernel, too', async () => {
    const { queue, outlet } = new QueueBench();
    outlet.most = 1;
    outlet.work = MS;
    const { sent, expired } = await queue.send(call(frames(100), false, now() + 10n * MS));
    expect(sent).to.be.within(1, 11);
    expect(sent + expired).to.equal(100);
    expect(outlet.taken).to.have.length(sent);
  });
});

describe('the account of a queue', () => {
  /** What a call came to. */
  interface Outcome {
    readonly sent: number;
    readonly expired: number;
    readonly rejected: boolean;
  }

  const answer = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 2, arbitrary: fc.constantFrom(-EAGAIN, -ENOBUFS, -ENOMEM, -ENETDOWN) },
    { weight: 1, arbitrary: fc.constant(-EINVAL) },
  );
  const anyCall = fc.record({
    size: fc.integer({ min: 1, max: 20 }),
    deadline: fc.constantFrom(-1n, 2n, 10n, 3_600_000n),
  });

  it('has every frame once, whatever the kernel answers', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { maxLength: 15 }),
        fc.array(anyCall, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(undefined, -EAGAIN),
        async (script, calls, default_) => {
          const { queue, outlet, counters } = new QueueBench(script, default_);
          const lists = calls.map(({ size }, index) => frames(size, index * 100));
          const all = calls.map(({ deadline }, index): Promise<Outcome> => {
            return queue.send(call(lists[index] ?? [], false, now() + deadline * MS)).then(
              (result) => ({ ...result, rejected: false }),
              (error: unknown) => ({ ...(error as Outcome), expired: 0, rejected: true }),
            );
          });
          // A kernel that answers EAGAIN for ever changes its mind when all short deadlines are over.
          setTimeout(() => (outlet.default_ = undefined), 15);
          const outcomes = await Promise.all(all);
          outcomes.forEach(({ sent, expired, rejected }, index) => {
            const size = lists[index]?.length ?? 0;
            if (rejected) expect(sent).to.be.lessThan(size);
            else expect(sent + expired).to.equal(size);
          });
          // What the kernel got is the beginning of every call, in the order of the calls.
          expect(outlet.taken).to.deep.equal(
            outcomes.flatMap(({ sent }, index) => lists[index]?.slice(0, sent) ?? []),
          );
          const sum = (name: 'sent' | 'expired') =>
            outcomes.reduce((total, outcome) => total + outcome[name], 0);
          expect(counters).to.include({
            sent: sum('sent'),
            expired: sum('expired'),
            // The frame that was refused, and those after it in the same call.
            refused: lists.flat().length - sum('sent') - sum('expired'),
          });
          expect(outlet.told.map(({ frame }) => frame)).to.deep.equal(outlet.taken);
        },
      ),
      { numRuns: 60 },
    );
  });
});
