import { expect } from 'chai';
import { EAGAIN, ENETDOWN } from '../../../src/libc';
import { closedError, far, frames, QueueBench } from '../../support/fakes/outlet';
import { collectUncaught, sleep } from '../../support/processes/process';
import { rejection } from '../../support/asserts/thrown';
import { countTurns } from '../../support/waiting/turns';

/** The next turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Queues whose kernel takes 0.6 ms a call, and in which order they called it. */
function sharing(count: number): { benches: QueueBench[]; calls: number[] } {
  const calls: number[] = [];
  const benches = Array.from({ length: count }, (_, index) => {
    const bench = new QueueBench();
    bench.outlet.work = 600_000n;
    bench.outlet.onCall = () => calls.push(index);
    return bench;
  });
  return { benches, calls };
}

describe('the time to send, of several queues', () => {
  beforeEach(turn);

  it('is no more in a turn than that of one, and each has its share of it', async () => {
    const { benches, calls } = sharing(4);
    const list = frames(64 * 10);
    const results = benches.map(({ queue }) => queue.send(far(list)));
    // 1 ms is the time of a turn.
    expect(calls.length, 'calls to the kernel before the event loop went on').to.be.within(1, 2);
    await Promise.all(results);
    for (const { outlet } of benches) expect(outlet.taken).to.deep.equal(list);
    // Nobody waits longer than the others need for a turn each.
    for (let index = 0; index < benches.length; index++) {
      const places = calls.flatMap((each, at) => (each === index ? [at] : []));
      const waits = places.map((at, i) => at - (places[i - 1] ?? 0));
      expect(Math.max(...waits), `queue ${index} of ${calls.join()}`).to.be.at.most(2 * 4);
    }
  });

  it('leaves the event loop its turns, though 1000 calls are awaited one by one', async () => {
    const { queue, outlet } = new QueueBench();
    outlet.work = 50_000n; // 50 ms in all.
    const turns = countTurns();
    for (let i = 0; i < 1000; i++) await queue.send(far(frames(1, i)));
    const counted = turns.stop();
    expect(counted).to.be.at.least(5);
    expect(outlet.taken).to.deep.equal(frames(1000));
  });

  it('is not for a queue that was closed or purged while it waited for a turn', async () => {
    const { benches, calls } = sharing(3);
    const [first, closed, purged] = benches as [QueueBench, QueueBench, QueueBench];
    const results = benches.map(({ queue }) => queue.send(far(frames(64 * 3))));
    const error = rejection(results[1] as Promise<unknown>);
    closed.queue.close(closedError);
    purged.queue.purge();
    await Promise.all([results[0], results[2], error]);
    await turn();
    await turn();
    expect(first.outlet.taken).to.have.length(64 * 3);
    expect(new Set(calls)).to.deep.equal(new Set([0]));
  });

  it('is had by the others when a callback of one throws', async () => {
    const { benches } = sharing(3);
    const errors = await collectUncaught(async () => {
      (benches[0] as QueueBench).outlet.afterSent = () => {
        (benches[0] as QueueBench).outlet.afterSent = undefined;
        throw new Error('of the callback');
      };
      await Promise.all(benches.map(({ queue }) => queue.send(far(frames(64 * 4)))));
    });
    expect(errors.map(({ message }) => message)).to.deep.equal(['of the callback']);
    for (const { outlet } of benches) expect(outlet.taken).to.deep.equal(frames(64 * 4));
  });

  it('is not taken by what waits for room or for the link: the event loop has nothing to do', async () => {
    for (const errno of [EAGAIN, ENETDOWN]) {
      const { queue } = new QueueBench([], -errno);
      const result = queue.send(far(frames(1)));
      let idle = 0;
      for (let look = 0; look < 20; look++) {
        await sleep(1);
        if (!process.getActiveResourcesInfo().includes('Immediate')) idle++;
      }
      expect(idle, `looks of 20, errno ${errno}`).to.be.greaterThan(0);
      queue.purge();
      await result;
    }
  });
});
