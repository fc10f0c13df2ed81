import { expect } from 'chai';
import { LONGEST_TIMER_MS } from '../../../src/clock';
import { EAGAIN, ENETDOWN, ENOBUFS } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { items, QueueBench, request } from '../../support/fakes/transmit-queue';

describe('the deadline of a send', () => {
  it('ends the call before the kernel gets an item when it has passed', async () => {
    const { queue, sender, counters, clock } = new QueueBench();
    for (const deadlineNs of [0n, -1n, clock.now() - 1n, clock.now()]) {
      expect(await queue.send(request(items(3), { deadlineNs }))).to.include({
        sent: 0,
        expired: 3,
      });
    }
    expect(sender.offers).to.deep.equal([]);
    expect(counters).to.include({ sent: 0, expired: 12, retries: 0 });
    expect(clock.waits, 'timers left').to.deep.equal([]);
  });

  /** When the kernel is called until the deadline at 30 ms: it takes two items first, then none. */
  const calls: Readonly<Record<string, readonly [errno: number, ms: readonly number[]]>> = {
    EAGAIN: [EAGAIN, [0, 0, 1, 3, 7, 11, 15, 19, 23, 27]],
    ENOBUFS: [ENOBUFS, [0, 0, 1, 3, 7, 11, 15, 19, 23, 27]],
    ENETDOWN: [ENETDOWN, [0, 0]],
  };
  for (const [name, [errno, ms]] of Object.entries(calls)) {
    it(`ends the wait after ${name} at exactly its time, with the number of items sent so far`, async () => {
      const { queue, sender, counters, clock } = new QueueBench([2], -errno);
      const deadlineNs = clock.now() + 30n * MS;
      const result = await clock.run(queue.send(request(items(5), { deadlineNs })));
      expect(result).to.include({ sent: 2, expired: 3 });
      expect(clock.now()).to.equal(deadlineNs);
      await clock.advance(1000n * MS);
      expect(sender.times, 'none after the deadline').to.deep.equal(ms.map((at) => BigInt(at) * MS));
      expect(counters).to.include({ sent: 2, expired: 3, retries: ms.length - 1 });
    });
  }

  it('ends no call before its time when timers run early', async () => {
    const { queue, clock } = new QueueBench([], -ENETDOWN);
    clock.earlyNs = 400_000n;
    const deadlineNs = clock.now() + 30n * MS;
    await clock.run(queue.send(request(items(1), { deadlineNs })));
    // The timer runs at 29.6 ms; the next one, of 1 ms, at 30.2 ms.
    expect(clock.now() - deadlineNs).to.equal(200_000n);
  });

  it('ends a call that waits behind a blocked one, which goes on', async () => {
    const { queue, sender, clock } = new QueueBench([], -ENOBUFS);
    const first = items(2);
    const blocked = queue.send(request(first));
    const deadlineNs = clock.now() + 20n * MS;
    const behind = queue.send(request(items(4, 100), { deadlineNs }));
    const last = queue.send(request(items(1, 200)));
    expect(await clock.run(behind)).to.include({ sent: 0, expired: 4 });
    expect(clock.now()).to.equal(deadlineNs);
    sender.default_ = undefined;
    expect(await clock.run(blocked)).to.include({ sent: 2, expired: 0 });
    expect(await clock.run(last)).to.include({ sent: 1, expired: 0 });
    expect(sender.taken).to.deep.equal([...first, ...items(1, 200)]);
  });

  it('leaves the next call waiting for the end of the same wait', async () => {
    const { queue, sender, clock } = new QueueBench([], -EAGAIN);
    const first = queue.send(request(items(2), { deadlineNs: clock.now() + 10n * MS }));
    const second = queue.send(request(items(2, 100)));
    void first.then(() => (sender.default_ = undefined));
    expect(await clock.run(first)).to.include({ sent: 0, expired: 2 });
    expect(await clock.run(second)).to.include({ sent: 2, expired: 0 });
    // The kernel had no room at 7 ms; the next call to it is due 4 ms later.
    expect(sender.times).to.deep.equal([0n, MS, 3n * MS, 7n * MS, 11n * MS]);
    expect(sender.taken).to.deep.equal(items(2, 100));
  });

  it('is checked between two calls to the kernel', async () => {
    const { queue, sender, clock } = new QueueBench();
    sender.most = 1;
    sender.work = MS;
    const deadlineNs = clock.now() + 10n * MS;
    const result = await clock.run(queue.send(request(items(100), { deadlineNs })));
    expect(result).to.include({ sent: 10, expired: 90 });
    expect(sender.taken).to.have.length(10);
    expect(clock.now()).to.equal(deadlineNs);
  });

  it('may be further away than the longest timer', async () => {
    const { queue, clock } = new QueueBench();
    const longest = BigInt(LONGEST_TIMER_MS) * MS;
    const deadlineNs = clock.now() + 2n * longest;
    const result = queue.send(request(items(1), { deadlineNs, confirm: true }), 'bus');
    expect(clock.waits).to.deep.equal([longest]);
    expect(await clock.run(result)).to.include({ sent: 1, confirmed: 0 });
    expect(clock.now()).to.equal(deadlineNs);
  });
});
