import { expect } from 'chai';
import { EAGAIN, ENETDOWN } from '../../../src/libc/errno';
import { TurnBudget } from '../../../src/channel/transmit/turn-budget';
import { FakeClock, MS } from '../../support/fakes/clock';
import { closedError, items, QueueBench, request } from '../../support/fakes/transmit-queue';
import { collectUncaught } from '../../support/processes/process';
import { rejection } from '../../support/asserts/thrown';

/** Queues of one event loop, whose kernel takes 0.6 ms a call, and the order in which they call it. */
function sharing(count: number): { benches: QueueBench[]; calls: number[]; clock: FakeClock } {
  const clock = new FakeClock();
  const budget = new TurnBudget(clock);
  const calls: number[] = [];
  const benches = Array.from({ length: count }, (_, index) => {
    const bench = new QueueBench([], undefined, undefined, clock, budget);
    bench.sender.work = 600_000n;
    bench.sender.onCall = () => calls.push(index);
    return bench;
  });
  return { benches, calls, clock };
}

describe('several queues of an event loop', () => {
  it('share 1 ms of each turn, and each sends in its turn', async () => {
    const { benches, calls, clock } = sharing(4);
    const list = items(64 * 10);
    const results = benches.map(({ queue }) => queue.send(request(list)));
    // Calls begin at 0 and at 0.6 ms, and the third would begin after 1 ms.
    expect(calls, 'before the event loop turns').to.deep.equal([0, 0]);
    await clock.run(Promise.all(results));
    for (const { sender } of benches) expect(sender.taken).to.deep.equal(list);
    const round = [0, 0, 1, 1, 2, 2, 3, 3];
    const last = [1, 1, 2, 2, 3, 3];
    expect(calls).to.deep.equal([0, 0, ...round, ...round, ...round, ...round, ...last]);
    expect(clock.turns, 'turns after the first').to.equal(calls.length / 2 - 1);
  });

  it('let the event loop turn although 1000 calls are awaited one by one', async () => {
    const { queue, sender, clock } = new QueueBench();
    sender.work = 50_000n;
    await clock.run(
      (async () => {
        for (let i = 0; i < 1000; i++) await queue.send(request(items(1, i)));
      })(),
    );
    // 21 calls of 0.05 ms begin within 1 ms; the first turn is the test's own.
    expect(clock.turns).to.equal(Math.ceil(1000 / 21) - 1);
    expect(sender.taken).to.deep.equal(items(1000));
  });

  it('do not send for a queue that was closed or purged while it waited for its turn', async () => {
    const { benches, calls, clock } = sharing(3);
    const [first, closed, purged] = benches as [QueueBench, QueueBench, QueueBench];
    const results = benches.map(({ queue }) => queue.send(request(items(64 * 3))));
    const error = rejection(results[1] as Promise<unknown>);
    closed.queue.close(closedError);
    purged.queue.purge();
    await clock.run(Promise.all([results[0], results[2], error]));
    await clock.advance(1000n * MS);
    expect(first.sender.taken).to.have.length(64 * 3);
    expect(calls).to.deep.equal([0, 0, 0]);
  });

  it('send their items although a callback of one of them throws', async () => {
    const { benches, clock } = sharing(3);
    const errors = await collectUncaught(async () => {
      const [{ sender } = expect.fail('no queue')] = benches;
      sender.afterSent = () => {
        sender.afterSent = undefined;
        throw new Error('of the callback');
      };
      await clock.run(Promise.all(benches.map(({ queue }) => queue.send(request(items(64 * 4))))));
    });
    expect(errors.map(({ message }) => message)).to.deep.equal(['of the callback']);
    for (const { sender } of benches) expect(sender.taken).to.deep.equal(items(64 * 4));
  });

  it('leave the event loop idle while they wait for room or for the link', async () => {
    for (const errno of [EAGAIN, ENETDOWN]) {
      const { queue, clock } = new QueueBench([], -errno);
      const result = queue.send(request(items(1)));
      for (let look = 0; look < 20; look++) {
        await clock.advance(MS);
        expect(clock.immediates, `errno ${errno} after ${look + 1} ms`).to.equal(0);
      }
      queue.purge();
      await result;
      expect(clock.waits, 'timers left').to.deep.equal([]);
    }
  });
});
