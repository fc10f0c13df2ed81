import { expect } from 'chai';
import { EAGAIN, EINVAL, ENOBUFS } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { call, frames, QueueBench } from '../../support/fakes/outlet';
import { rejection } from '../../support/asserts/thrown';

const NONE = { expired: 0, refused: 0, purged: 0, confirmed: 0 };

describe('the frames of several calls', () => {
  it('go to the kernel together, in order, at most 64 in one call', async () => {
    const { queue, outlet } = new QueueBench();
    const results: Promise<unknown>[] = [];
    const lists = [frames(3), frames(1, 100), frames(70, 200), frames(2, 300)];
    // Within the callback of a first one, so that they wait together.
    outlet.afterSent = () => {
      outlet.afterSent = undefined;
      results.push(...lists.map((list) => queue.send(call(list))));
    };
    await queue.send(call(frames(1, 1000)));
    const all = lists.flat();
    expect(outlet.offers).to.deep.equal([frames(1, 1000), all.slice(0, 64), all.slice(64)]);
    expect(await Promise.all(results)).to.deep.equal(lists.map(({ length }) => ({ ...NONE, sent: length })));
  });

  it('go 16 at a time after the kernel had no room, then twice as many each time it takes all', async () => {
    const { queue, outlet, clock } = new QueueBench([-EAGAIN]);
    const list = frames(200);
    await clock.run(queue.send(call(list)));
    expect(outlet.offers.map(({ length }) => length)).to.deep.equal([64, 16, 32, 64, 64, 24]);
    expect(outlet.taken).to.deep.equal(list);
  });

  it('count for their own call when the kernel takes some of them', async () => {
    const { queue, outlet, counters, clock } = new QueueBench([-ENOBUFS, 4, -ENOBUFS], -ENOBUFS);
    const lists = [frames(3), frames(3, 100), frames(2, 200)];
    const deadlineNs = clock.now() + 40n * MS;
    const results = Promise.all(lists.map((list) => queue.send(call(list, { deadlineNs }))));
    expect(await clock.run(results)).to.deep.equal([
      { ...NONE, sent: 3 },
      { ...NONE, sent: 1, expired: 2 },
      { ...NONE, sent: 0, expired: 2 },
    ]);
    expect(outlet.taken).to.deep.equal([...frames(3), ...frames(1, 100)]);
    expect(counters).to.include({ sent: 4, expired: 4 });
  });

  it('reject the call of the refused frame, and the others continue', async () => {
    const { queue, outlet, counters, clock } = new QueueBench([-EAGAIN, 4, -EINVAL]);
    const [a, b, c] = [frames(3), frames(4, 100), frames(2, 200)];
    const first = queue.send(call(a));
    const second = rejection(queue.send(call(b)));
    const third = queue.send(call(c));
    expect(await clock.run(first)).to.deep.equal({ ...NONE, sent: 3 });
    const error = await second;
    expect(error).to.include({ answer: -EINVAL, frame: b[1], sent: 1 });
    expect(error['result']).to.deep.equal({ ...NONE, sent: 1, refused: 3 });
    expect(await third).to.deep.equal({ ...NONE, sent: 2 });
    expect(outlet.offers).to.deep.equal([a, [...a, ...b, ...c], [...b.slice(1), ...c], c]);
    expect(outlet.taken).to.deep.equal([...a, ...frames(1, 100), ...c]);
    expect(counters).to.include({ sent: 6, refused: 3, expired: 0 });
  });

  it("reject the call of the refused frame in the order 'priority', too", async () => {
    const { queue, outlet, clock } = new QueueBench([-EAGAIN, 2, -EINVAL], undefined, 'priority');
    const [low, high] = [frames(3, 500), frames(3, 100)];
    const first = queue.send(call(low));
    const error = await clock.run(rejection(queue.send(call(high))));
    expect(error).to.include({ frame: high[2], sent: 2 });
    expect(await first).to.deep.equal({ ...NONE, sent: 3 });
    expect(outlet.taken).to.deep.equal([...high.slice(0, 2), ...low]);
  });
});
