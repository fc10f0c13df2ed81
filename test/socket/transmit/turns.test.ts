import { expect } from 'chai';
import { EAGAIN, ENETDOWN } from '../../../src/libc';
import { far, frames, QueueBench } from '../../support/outlet';
import { sleep } from '../../support/process';

const COUNT = 10_000;

/** Counts the turns of the event loop in which others had theirs, until it is told to stop. */
function countTurns(): () => number {
  let turns = 0;
  let running = true;
  const count = (): void => {
    turns++;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  return () => {
    running = false;
    return turns;
  };
}

describe('a turn of the event loop', () => {
  it('is shared by 10,000 calls of one loop: they stop when its time is used up', async () => {
    const { queue, outlet, counters } = new QueueBench();
    outlet.work = 500_000n; // ns a call to the kernel, and 2 ms are the time of a turn.
    const lists = Array.from({ length: COUNT }, (_, index) => frames(1, index));
    const turns = countTurns();
    const results = lists.map((list) => queue.send(far(list)));
    expect(outlet.offers, 'calls to the kernel before the loop ended').to.have.length.within(1, 5);
    for (const { sent } of await Promise.all(results)) expect(sent).to.equal(1);
    // 157 calls of 64 frames take 39 turns, or fewer where one is interrupted.
    expect(turns()).to.be.at.least(5);
    expect(outlet.offers.length).to.be.below(200);
    expect(outlet.taken).to.deep.equal(lists.flat());
    expect(counters.sent).to.equal(COUNT);
  });

  it('is shared by 10,000 calls that are awaited one by one', async () => {
    const { queue, outlet } = new QueueBench();
    outlet.work = 10_000n; // 100 ms in all.
    const turns = countTurns();
    for (let i = 0; i < COUNT; i++) await queue.send(far(frames(1, i)));
    expect(turns()).to.be.at.least(5);
    expect(outlet.taken).to.deep.equal(frames(COUNT));
  });

  it('is not begun anew by a call that is made when its time is used up', async () => {
    const { queue, outlet } = new QueueBench();
    outlet.work = 3_000_000n;
    const results = [1, 2, 3].map((id) => queue.send(far(frames(1, id))));
    expect(outlet.offers).to.have.length(1);
    queue.wake();
    expect(outlet.offers, 'not by a wake either').to.have.length(1);
    await Promise.all(results);
    expect(outlet.taken).to.deep.equal(frames(3, 1));
  });

  it('is not taken by what waits for room or for the link: the event loop has nothing to do', async () => {
    const immediates = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Immediate').length;
    for (const errno of [EAGAIN, ENETDOWN]) {
      const { queue } = new QueueBench([], -errno);
      const before = immediates();
      const result = queue.send(far(frames(1)));
      let idle = 0;
      for (let look = 0; look < 20; look++) {
        await sleep(1);
        if (immediates() <= before) idle++;
      }
      expect(idle, `looks of 20, errno ${errno}`).to.be.greaterThan(0);
      queue.purge();
      await result;
    }
  });

  it('is over for what waits for room, too, though 1000 calls end one after another', async () => {
    const { queue, outlet } = new QueueBench([], -EAGAIN);
    const results = Array.from({ length: 1000 }, (_, i) => queue.send(far(frames(1, i))));
    outlet.default_ = 1;
    outlet.work = 50_000n; // 50 ms in all.
    const turns = countTurns();
    queue.wake();
    await Promise.all(results);
    expect(turns()).to.be.at.least(5);
    expect(outlet.taken).to.deep.equal(frames(1000));
  });
});
