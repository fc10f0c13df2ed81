import { expect } from 'chai';
import { EAGAIN, ENETDOWN, ENOBUFS } from '../../../src/libc';
import { call, frames, now, QueueBench } from '../../support/fakes/outlet';

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
