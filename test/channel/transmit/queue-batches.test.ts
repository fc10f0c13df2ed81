import { expect } from 'chai';
import { EAGAIN, EINVAL, ENOBUFS } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { items, QueueBench, request } from '../../support/fakes/transmit-queue';
import { rejection } from '../../support/asserts/thrown';

const NONE = { expired: 0, refused: 0, purged: 0, confirmed: 0 };

describe('the items of several calls', () => {
  it('go to the kernel together, in order, at most 64 in one call', async () => {
    const { queue, sender } = new QueueBench();
    const results: Promise<unknown>[] = [];
    const lists = [items(3), items(1, 100), items(70, 200), items(2, 300)];
    // Within the callback of a first one, so that they wait together.
    sender.afterSent = () => {
      sender.afterSent = undefined;
      results.push(...lists.map((list) => queue.send(request(list))));
    };
    await queue.send(request(items(1, 1000)));
    const all = lists.flat();
    expect(sender.offers).to.deep.equal([items(1, 1000), all.slice(0, 64), all.slice(64)]);
    expect(await Promise.all(results)).to.deep.equal(lists.map(({ length }) => ({ ...NONE, sent: length })));
  });

  it('go 16 at a time after the kernel had no room, then twice as many each time it takes all', async () => {
    const { queue, sender, clock } = new QueueBench([-EAGAIN]);
    const list = items(200);
    await clock.run(queue.send(request(list)));
    expect(sender.offers.map(({ length }) => length)).to.deep.equal([64, 16, 32, 64, 64, 24]);
    expect(sender.taken).to.deep.equal(list);
  });

  it('count for their own call when the kernel takes some of them', async () => {
    const { queue, sender, counters, clock } = new QueueBench([-ENOBUFS, 4, -ENOBUFS], -ENOBUFS);
    const lists = [items(3), items(3, 100), items(2, 200)];
    const deadlineNs = clock.now() + 40n * MS;
    const results = Promise.all(lists.map((list) => queue.send(request(list, { deadlineNs }))));
    expect(await clock.run(results)).to.deep.equal([
      { ...NONE, sent: 3 },
      { ...NONE, sent: 1, expired: 2 },
      { ...NONE, sent: 0, expired: 2 },
    ]);
    expect(sender.taken).to.deep.equal([...items(3), ...items(1, 100)]);
    expect(counters).to.include({ sent: 4, expired: 4 });
  });

  it('reject the call of the refused item, and the others continue', async () => {
    const { queue, sender, counters, clock } = new QueueBench([-EAGAIN, 4, -EINVAL]);
    const [a, b, c] = [items(3), items(4, 100), items(2, 200)];
    const first = queue.send(request(a));
    const second = rejection(queue.send(request(b)));
    const third = queue.send(request(c));
    expect(await clock.run(first)).to.deep.equal({ ...NONE, sent: 3 });
    const error = await second;
    expect(error).to.include({ errno: -EINVAL, item: b[1], sent: 1 });
    expect(error['result']).to.deep.equal({ ...NONE, sent: 1, refused: 3 });
    expect(await third).to.deep.equal({ ...NONE, sent: 2 });
    expect(sender.offers).to.deep.equal([a, [...a, ...b, ...c], [...b.slice(1), ...c], c]);
    expect(sender.taken).to.deep.equal([...a, ...items(1, 100), ...c]);
    expect(counters).to.include({ sent: 6, refused: 3, expired: 0 });
  });

  it('reject the call of the refused item with ranks, too', async () => {
    const { queue, sender, clock } = new QueueBench([-EAGAIN, 2, -EINVAL], undefined, (item) => item);
    const [low, high] = [items(3, 500), items(3, 100)];
    const first = queue.send(request(low));
    const error = await clock.run(rejection(queue.send(request(high))));
    expect(error).to.include({ item: high[2], sent: 2 });
    expect(await first).to.deep.equal({ ...NONE, sent: 3 });
    expect(sender.taken).to.deep.equal([...high.slice(0, 2), ...low]);
  });
});
