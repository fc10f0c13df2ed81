import { expect } from 'chai';
import { getEventListeners, setMaxListeners } from 'node:events';
import { EAGAIN, EINVAL, ENETDOWN, ENOBUFS } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { closedError, items, QueueBench, request } from '../../support/fakes/transmit-queue';
import { rejection } from '../../support/asserts/thrown';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the AbortSignal of a send', () => {
  it('rejects the waiting call at once, with its number of sent items and the reason', async () => {
    const { queue, sender, counters, clock } = new QueueBench([2], -EAGAIN);
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('enough');
    const waiting = rejection(queue.send(request(items(5), { signal })));
    controller.abort(reason);
    const error = await waiting;
    expect(error).to.include({ name: 'AbortError', code: 'ABORT_ERR', sent: 2, cause: reason });
    expect(counters).to.include({ sent: 2, aborted: 3, expired: 0, refused: 0 });
    const offers = sender.offers.length;
    await clock.advance(1000n * MS);
    expect(sender.offers, 'no call to the kernel for it').to.have.length(offers);
    expect(clock.waits, 'timers left').to.deep.equal([]);
  });

  it('rejects the call before the kernel gets an item when it was aborted earlier', async () => {
    const { queue, sender, counters } = new QueueBench();
    const signal = AbortSignal.abort();
    expect(await rejection(queue.send(request(items(3), { signal })))).to.include({
      code: 'ABORT_ERR',
      sent: 0,
      cause: signal.reason as Error,
    });
    expect(sender.offers).to.deep.equal([]);
    expect(counters).to.include({ sent: 0, aborted: 3 });
    expect(listeners(signal)).to.equal(0);
  });

  it('leaves the other calls in their order', async () => {
    const { queue, sender, counters, clock } = new QueueBench([1], -ENOBUFS);
    const controller = new AbortController();
    const lists = [items(3), items(2, 100), items(4, 200), items(1, 300)];
    const calls = lists.map((list, index) => {
      const signal = index === 0 || index === 2 ? controller.signal : undefined;
      return queue.send(request(list, { signal })).then(
        ({ sent }) => sent,
        (error: unknown) => `aborted at ${(error as { sent: number }).sent}`,
      );
    });
    controller.abort();
    sender.default_ = undefined;
    const ends = await clock.run(Promise.all(calls));
    expect(ends).to.deep.equal(['aborted at 1', 2, 'aborted at 0', 1]);
    expect(sender.taken).to.deep.equal([...items(1), ...items(2, 100), ...items(1, 300)]);
    expect(counters).to.include({ sent: 4, aborted: 6 });
  });

  it('may be aborted in a callback while the call is being sent', async () => {
    const { queue, sender, counters } = new QueueBench([2, 2]);
    const controller = new AbortController();
    sender.afterSent = ({ sent }) => {
      if (sent === 4) controller.abort();
    };
    const first = rejection(queue.send(request(items(9), { signal: controller.signal })));
    const second = queue.send(request(items(2, 100)));
    expect(await first).to.include({ code: 'ABORT_ERR', sent: 4 });
    expect(await second).to.include({ sent: 2, expired: 0 });
    expect(sender.taken).to.deep.equal([...items(4), ...items(2, 100)]);
    expect(counters).to.include({ sent: 6, aborted: 5 });
  });

  it('changes nothing after the last item is sent', async () => {
    const { queue, sender, counters } = new QueueBench();
    const controller = new AbortController();
    sender.afterSent = () => {
      controller.abort();
    };
    const sending = queue.send(request(items(3), { signal: controller.signal }));
    expect(await sending).to.include({ sent: 3, expired: 0 });
    expect(counters).to.include({ sent: 3, aborted: 0 });
  });

  it('has no listener after the call, however the call ends', async () => {
    const { signal } = new AbortController();
    const ended = new QueueBench();
    await ended.queue.send(request(items(1), { signal }));
    expect(listeners(signal), 'sent').to.equal(0);

    const expired = new QueueBench([], -EAGAIN);
    const deadlineNs = expired.clock.now() + 5n * MS;
    const expiring = expired.queue.send(request(items(1), { deadlineNs, signal }));
    expect(listeners(signal)).to.equal(1);
    await expired.clock.run(expiring);
    expect(listeners(signal), 'expired').to.equal(0);

    const refused = new QueueBench([-EINVAL]);
    await rejection(refused.queue.send(request(items(1), { signal })));
    expect(listeners(signal), 'refused').to.equal(0);

    const closed = new QueueBench([], -ENETDOWN);
    const waiting = [1, 2].map(() => rejection(closed.queue.send(request(items(1), { signal }))));
    expect(listeners(signal), 'one for both').to.equal(1);
    closed.queue.close(closedError);
    await Promise.all(waiting);
    expect(listeners(signal), 'closed').to.equal(0);
  });

  it('may be shared by 500 calls', async () => {
    const { queue, counters } = new QueueBench([], -EAGAIN);
    const controller = new AbortController();
    const { signal } = controller;
    setMaxListeners(0, signal);
    const calls = Array.from({ length: 500 }, () => rejection(queue.send(request(items(2), { signal }))));
    controller.abort();
    const errors = await Promise.all(calls);
    expect(errors.every(({ code }) => code === 'ABORT_ERR')).to.equal(true);
    expect(counters).to.include({ aborted: 1000, sent: 0 });
    expect(listeners(signal)).to.equal(0);
  });

  it('changes nothing after the deadline', async () => {
    const { queue, counters, clock } = new QueueBench([], -EAGAIN);
    const controller = new AbortController();
    const deadlineNs = clock.now() + 10n * MS;
    const sending = queue.send(request(items(2), { deadlineNs, signal: controller.signal }));
    expect(await clock.run(sending)).to.include({ sent: 0, expired: 2 });
    controller.abort();
    expect(counters).to.include({ expired: 2, aborted: 0 });
  });
});
