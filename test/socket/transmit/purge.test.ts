import { expect } from 'chai';
import { EAGAIN, ENETDOWN } from '../../../src/libc';
import { far, frames, now, QueueBench } from '../../support/fakes/outlet';
import { sleep } from '../../support/processes/process';

const NONE = { sent: 0, expired: 0, refused: 0, purged: 0, confirmed: 0 };
const AT = { systemNs: 2n, monotonicNs: 1n };

describe('purge() of a TransmitQueue', () => {
  it('drops what waits, tells how many frames that are, and ends their calls with them', async () => {
    const { queue, counters } = new QueueBench([2], -EAGAIN);
    const results = [frames(5), frames(3, 100)].map((list) => queue.send(far(list)));
    expect(queue.purge()).to.equal(6);
    expect(queue.purge(), 'nothing waits any more').to.equal(0);
    expect(await Promise.all(results)).to.deep.equal([
      { ...NONE, sent: 2, purged: 3 },
      { ...NONE, purged: 3 },
    ]);
    expect(counters).to.include({ sent: 2, purged: 6, expired: 0, refused: 0, aborted: 0 });
  });

  it('hands nothing over afterwards, not even when the link is up', async () => {
    const { queue, outlet } = new QueueBench([2], -ENETDOWN);
    const result = queue.send(far(frames(5)));
    queue.purge();
    outlet.default_ = undefined;
    queue.wake();
    await result;
    await sleep(20);
    expect(outlet.taken).to.deep.equal(frames(2));
  });

  it('is 0 where nothing waits', async () => {
    const { queue, counters } = new QueueBench();
    expect(queue.purge()).to.equal(0);
    await queue.send(far(frames(3)));
    expect(queue.purge()).to.equal(0);
    expect(counters.purged).to.equal(0);
  });

  it('lets later calls be sent', async () => {
    const { queue, outlet } = new QueueBench([], -EAGAIN);
    const first = queue.send(far(frames(2)));
    queue.purge();
    const second = queue.send(far(frames(2, 100)));
    outlet.default_ = undefined;
    expect(await first).to.deep.equal({ ...NONE, purged: 2 });
    expect(await second).to.deep.equal({ ...NONE, sent: 2 });
    expect(outlet.taken).to.deep.equal(frames(2, 100));
  });

  it('within a callback drops the rest of the call that is being sent', async () => {
    const { queue, outlet, counters } = new QueueBench([2]);
    const counts: number[] = [];
    outlet.afterSent = () => counts.push(queue.purge());
    const first = queue.send(far(frames(5)));
    expect(await first).to.deep.equal({ ...NONE, sent: 2, purged: 3 });
    expect(counts).to.deep.equal([3, 0]);
    expect(outlet.taken).to.deep.equal(frames(2));
    expect(counters).to.include({ sent: 2, purged: 3 });
  });

  it('when a call ends drops those that wait behind it, and not those of the same moment', async () => {
    const { queue, outlet } = new QueueBench([-EAGAIN, 3], -EAGAIN);
    const first = queue.send(far(frames(3)));
    const second = queue.send(far(frames(3, 100)));
    let purged = 0;
    void first.then(() => (purged = queue.purge()));
    expect(await second).to.deep.equal({ ...NONE, purged: 3 });
    expect(purged).to.equal(3);
    expect(outlet.taken).to.deep.equal(frames(3));
  });

  it('leaves calls that wait for their confirmations alone, and others wait for those of what was sent', async () => {
    const { queue, outlet } = new QueueBench([4], -EAGAIN);
    const all = queue.send(far(frames(2), { confirm: true }), 'bus');
    queue.wake();
    const some = queue.send(far(frames(3, 100), { confirm: true }), 'bus');
    const nothing = queue.send(far(frames(3, 200), { confirm: true }), 'bus');
    outlet.script.push(2);
    queue.wake();
    expect(queue.purge()).to.equal(4);
    const ended: string[] = [];
    void all.then(() => ended.push('all'));
    void some.then(() => ended.push('some'));
    const without = { ...NONE, purged: 3, confirmations: [], confirmation: 'bus' };
    expect(await nothing).to.deep.equal(without);
    await sleep(5);
    expect(ended).to.deep.equal([]);
    for (const { job, index } of outlet.told) job.echoed(index, AT);
    const result = { ...NONE, sent: 2, confirmed: 2, confirmations: [AT, AT], confirmation: 'bus' };
    expect(await all).to.deep.equal(result);
    expect(await some).to.deep.equal({ ...result, purged: 1 });
  });

  it('changes nothing of what has expired before', async () => {
    const { queue, counters } = new QueueBench([], -EAGAIN);
    const late = queue.send(far(frames(2), { deadlineNs: now() + 3_000_000n }));
    expect(await late).to.deep.equal({ ...NONE, expired: 2 });
    expect(queue.purge()).to.equal(0);
    expect(counters).to.include({ expired: 2, purged: 0 });
  });
});
