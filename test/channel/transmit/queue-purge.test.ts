import { expect } from 'chai';
import { EAGAIN, ENETDOWN } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { items, QueueBench, request } from '../../support/fakes/transmit-queue';

const NONE = { sent: 0, expired: 0, refused: 0, purged: 0, confirmed: 0 };
const AT = { systemNs: 2n, monotonicNs: 1n };

describe('purge() of a TransmitQueue', () => {
  it('drops the waiting items, returns their number, and ends their calls', async () => {
    const { queue, counters, clock } = new QueueBench([2], -EAGAIN);
    const results = [items(5), items(3, 100)].map((list) => queue.send(request(list)));
    expect(queue.purge()).to.equal(6);
    expect(queue.purge(), 'no item waits now').to.equal(0);
    expect(clock.waits, 'timers left').to.deep.equal([]);
    expect(await Promise.all(results)).to.deep.equal([
      { ...NONE, sent: 2, purged: 3 },
      { ...NONE, purged: 3 },
    ]);
    expect(counters).to.include({ sent: 2, purged: 6, expired: 0, refused: 0, aborted: 0 });
  });

  it('keeps the dropped items from the kernel, even when the link comes up', async () => {
    const { queue, sender, clock } = new QueueBench([2], -ENETDOWN);
    const result = queue.send(request(items(5)));
    queue.purge();
    sender.default_ = undefined;
    queue.wake();
    await result;
    await clock.advance(1000n * MS);
    expect(sender.taken).to.deep.equal(items(2));
  });

  it('returns 0 when no item waits', async () => {
    const { queue, counters } = new QueueBench();
    expect(queue.purge()).to.equal(0);
    await queue.send(request(items(3)));
    expect(queue.purge()).to.equal(0);
    expect(counters.purged).to.equal(0);
  });

  it('lets later calls send at once', async () => {
    const { queue, sender } = new QueueBench([-EAGAIN]);
    const first = queue.send(request(items(2)));
    queue.purge();
    const second = queue.send(request(items(2, 100)));
    expect(await first).to.deep.equal({ ...NONE, purged: 2 });
    expect(await second).to.deep.equal({ ...NONE, sent: 2 });
    expect(sender.taken).to.deep.equal(items(2, 100));
  });

  it('drops the rest of the call that is being sent, when a callback calls it', async () => {
    const { queue, sender, counters } = new QueueBench([2]);
    const counts: number[] = [];
    sender.afterSent = () => counts.push(queue.purge());
    const first = queue.send(request(items(5)));
    expect(await first).to.deep.equal({ ...NONE, sent: 2, purged: 3 });
    expect(counts).to.deep.equal([3, 0]);
    expect(sender.taken).to.deep.equal(items(2));
    expect(counters).to.include({ sent: 2, purged: 3 });
  });

  it('drops the calls that wait, when it is called as another call ends', async () => {
    const { queue, sender, clock } = new QueueBench([-EAGAIN, 3], -EAGAIN);
    const first = queue.send(request(items(3)));
    const second = queue.send(request(items(3, 100)));
    let purged = 0;
    void first.then(() => (purged = queue.purge()));
    expect(await clock.run(second)).to.deep.equal({ ...NONE, purged: 3 });
    expect(purged).to.equal(3);
    expect(sender.taken).to.deep.equal(items(3));
  });

  it('leaves calls pending whose sent items wait for their confirmations', async () => {
    const { queue, sender, clock } = new QueueBench([4], -EAGAIN);
    const all = queue.send(request(items(2), { confirm: true }), 'bus');
    queue.wake();
    const some = queue.send(request(items(3, 100), { confirm: true }), 'bus');
    const nothing = queue.send(request(items(3, 200), { confirm: true }), 'bus');
    sender.script.push(2);
    queue.wake();
    expect(queue.purge()).to.equal(4);
    const ended: string[] = [];
    void all.then(() => ended.push('all'));
    void some.then(() => ended.push('some'));
    const without = { ...NONE, purged: 3, confirmations: [], confirmation: 'bus' };
    expect(await nothing).to.deep.equal(without);
    await clock.advance(1000n * MS);
    expect(ended).to.deep.equal([]);
    for (const { job, index } of sender.reported) job.echoed(index, AT);
    const result = { ...NONE, sent: 2, confirmed: 2, confirmations: [AT, AT], confirmation: 'bus' };
    expect(await all).to.deep.equal(result);
    expect(await some).to.deep.equal({ ...result, purged: 1 });
  });

  it('does not count items that expired earlier', async () => {
    const { queue, counters, clock } = new QueueBench([], -EAGAIN);
    const late = queue.send(request(items(2), { deadlineNs: clock.now() + 3n * MS }));
    expect(await clock.run(late)).to.deep.equal({ ...NONE, expired: 2 });
    expect(queue.purge()).to.equal(0);
    expect(counters).to.include({ expired: 2, purged: 0 });
  });
});
