import { expect } from 'chai';
import { EAGAIN, ENETDOWN } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { call, frames, QueueBench } from '../../support/fakes/outlet';

const NONE = { sent: 0, expired: 0, refused: 0, purged: 0, confirmed: 0 };
const AT = { systemNs: 2n, monotonicNs: 1n };

describe('purge() of a TransmitQueue', () => {
  it('drops the waiting frames, returns their number, and ends their calls', async () => {
    const { queue, counters, clock } = new QueueBench([2], -EAGAIN);
    const results = [frames(5), frames(3, 100)].map((list) => queue.send(call(list)));
    expect(queue.purge()).to.equal(6);
    expect(queue.purge(), 'no frame waits now').to.equal(0);
    expect(clock.waits, 'timers left').to.deep.equal([]);
    expect(await Promise.all(results)).to.deep.equal([
      { ...NONE, sent: 2, purged: 3 },
      { ...NONE, purged: 3 },
    ]);
    expect(counters).to.include({ sent: 2, purged: 6, expired: 0, refused: 0, aborted: 0 });
  });

  it('keeps the dropped frames from the kernel, even when the link comes up', async () => {
    const { queue, outlet, clock } = new QueueBench([2], -ENETDOWN);
    const result = queue.send(call(frames(5)));
    queue.purge();
    outlet.default_ = undefined;
    queue.wake();
    await result;
    await clock.advance(1000n * MS);
    expect(outlet.taken).to.deep.equal(frames(2));
  });

  it('returns 0 when no frame waits', async () => {
    const { queue, counters } = new QueueBench();
    expect(queue.purge()).to.equal(0);
    await queue.send(call(frames(3)));
    expect(queue.purge()).to.equal(0);
    expect(counters.purged).to.equal(0);
  });

  it('lets later calls send at once', async () => {
    const { queue, outlet } = new QueueBench([-EAGAIN]);
    const first = queue.send(call(frames(2)));
    queue.purge();
    const second = queue.send(call(frames(2, 100)));
    expect(await first).to.deep.equal({ ...NONE, purged: 2 });
    expect(await second).to.deep.equal({ ...NONE, sent: 2 });
    expect(outlet.taken).to.deep.equal(frames(2, 100));
  });

  it('drops the rest of the call that is being sent, when a callback calls it', async () => {
    const { queue, outlet, counters } = new QueueBench([2]);
    const counts: number[] = [];
    outlet.afterSent = () => counts.push(queue.purge());
    const first = queue.send(call(frames(5)));
    expect(await first).to.deep.equal({ ...NONE, sent: 2, purged: 3 });
    expect(counts).to.deep.equal([3, 0]);
    expect(outlet.taken).to.deep.equal(frames(2));
    expect(counters).to.include({ sent: 2, purged: 3 });
  });

  it('drops the calls that wait, when it is called as another call ends', async () => {
    const { queue, outlet, clock } = new QueueBench([-EAGAIN, 3], -EAGAIN);
    const first = queue.send(call(frames(3)));
    const second = queue.send(call(frames(3, 100)));
    let purged = 0;
    void first.then(() => (purged = queue.purge()));
    expect(await clock.run(second)).to.deep.equal({ ...NONE, purged: 3 });
    expect(purged).to.equal(3);
    expect(outlet.taken).to.deep.equal(frames(3));
  });

  it('leaves calls pending whose sent frames wait for their confirmations', async () => {
    const { queue, outlet, clock } = new QueueBench([4], -EAGAIN);
    const all = queue.send(call(frames(2), { confirm: true }), 'bus');
    queue.wake();
    const some = queue.send(call(frames(3, 100), { confirm: true }), 'bus');
    const nothing = queue.send(call(frames(3, 200), { confirm: true }), 'bus');
    outlet.script.push(2);
    queue.wake();
    expect(queue.purge()).to.equal(4);
    const ended: string[] = [];
    void all.then(() => ended.push('all'));
    void some.then(() => ended.push('some'));
    const without = { ...NONE, purged: 3, confirmations: [], confirmation: 'bus' };
    expect(await nothing).to.deep.equal(without);
    await clock.advance(1000n * MS);
    expect(ended).to.deep.equal([]);
    for (const { job, index } of outlet.reported) job.echoed(index, AT);
    const result = { ...NONE, sent: 2, confirmed: 2, confirmations: [AT, AT], confirmation: 'bus' };
    expect(await all).to.deep.equal(result);
    expect(await some).to.deep.equal({ ...result, purged: 1 });
  });

  it('does not count frames that expired earlier', async () => {
    const { queue, counters, clock } = new QueueBench([], -EAGAIN);
    const late = queue.send(call(frames(2), { deadlineNs: clock.now() + 3n * MS }));
    expect(await clock.run(late)).to.deep.equal({ ...NONE, expired: 2 });
    expect(queue.purge()).to.equal(0);
    expect(counters).to.include({ expired: 2, purged: 0 });
  });
});
