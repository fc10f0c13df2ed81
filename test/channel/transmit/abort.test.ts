import { expect } from 'chai';
import { getEventListeners, setMaxListeners } from 'node:events';
import { EAGAIN, EINVAL, ENETDOWN, ENOBUFS } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { call, closedError, frames, QueueBench } from '../../support/fakes/outlet';
import { rejection } from '../../support/asserts/thrown';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the AbortSignal of a send', () => {
  it('rejects the waiting call at once, with its number of sent frames and the reason', async () => {
    const { queue, outlet, counters, clock } = new QueueBench([2], -EAGAIN);
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('enough');
    const waiting = rejection(queue.send(call(frames(5), { signal })));
    controller.abort(reason);
    const error = await waiting;
    expect(error).to.include({ name: 'AbortError', code: 'ABORT_ERR', sent: 2, cause: reason });
    expect(counters).to.include({ sent: 2, aborted: 3, expired: 0, refused: 0 });
    const offers = outlet.offers.length;
    await clock.advance(1000n * MS);
    expect(outlet.offers, 'no call to the kernel for it').to.have.length(offers);
    expect(clock.waits, 'timers left').to.deep.equal([]);
  });

  it('rejects the call before the kernel gets a frame when it was aborted earlier', async () => {
    const { queue, outlet, counters } = new QueueBench();
    const signal = AbortSignal.abort();
    expect(await rejection(queue.send(call(frames(3), { signal })))).to.include({
      code: 'ABORT_ERR',
      sent: 0,
      cause: signal.reason as Error,
    });
    expect(outlet.offers).to.deep.equal([]);
    expect(counters).to.include({ sent: 0, aborted: 3 });
    expect(listeners(signal)).to.equal(0);
  });

  it('leaves the other calls in their order', async () => {
    const { queue, outlet, counters, clock } = new QueueBench([1], -ENOBUFS);
    const controller = new AbortController();
    const lists = [frames(3), frames(2, 100), frames(4, 200), frames(1, 300)];
    const calls = lists.map((list, index) => {
      const signal = index === 0 || index === 2 ? controller.signal : undefined;
      return queue.send(call(list, { signal })).then(
        ({ sent }) => sent,
        (error: unknown) => `aborted at ${(error as { sent: number }).sent}`,
      );
    });
    controller.abort();
    outlet.default_ = undefined;
    const ends = await clock.run(Promise.all(calls));
    expect(ends).to.deep.equal(['aborted at 1', 2, 'aborted at 0', 1]);
    expect(outlet.taken).to.deep.equal([...frames(1), ...frames(2, 100), ...frames(1, 300)]);
    expect(counters).to.include({ sent: 4, aborted: 6 });
  });

  it('may be aborted in a callback while the call is being sent', async () => {
    const { queue, outlet, counters } = new QueueBench([2, 2]);
    const controller = new AbortController();
    outlet.afterSent = ({ sent }) => {
      if (sent === 4) controller.abort();
    };
    const first = rejection(queue.send(call(frames(9), { signal: controller.signal })));
    const second = queue.send(call(frames(2, 100)));
    expect(await first).to.include({ code: 'ABORT_ERR', sent: 4 });
    expect(await second).to.include({ sent: 2, expired: 0 });
    expect(outlet.taken).to.deep.equal([...frames(4), ...frames(2, 100)]);
    expect(counters).to.include({ sent: 6, aborted: 5 });
  });

  it('changes nothing after the last frame is sent', async () => {
    const { queue, outlet, counters } = new QueueBench();
    const controller = new AbortController();
    outlet.afterSent = () => {
      controller.abort();
    };
    const sending = queue.send(call(frames(3), { signal: controller.signal }));
    expect(await sending).to.include({ sent: 3, expired: 0 });
    expect(counters).to.include({ sent: 3, aborted: 0 });
  });

  it('has no listener after the call, however the call ends', async () => {
    const { signal } = new AbortController();
    const ended = new QueueBench();
    await ended.queue.send(call(frames(1), { signal }));
    expect(listeners(signal), 'sent').to.equal(0);

    const expired = new QueueBench([], -EAGAIN);
    const deadlineNs = expired.clock.now() + 5n * MS;
    const expiring = expired.queue.send(call(frames(1), { deadlineNs, signal }));
    expect(listeners(signal)).to.equal(1);
    await expired.clock.run(expiring);
    expect(listeners(signal), 'expired').to.equal(0);

    const refused = new QueueBench([-EINVAL]);
    await rejection(refused.queue.send(call(frames(1), { signal })));
    expect(listeners(signal), 'refused').to.equal(0);

    const closed = new QueueBench([], -ENETDOWN);
    const waiting = [1, 2].map(() => rejection(closed.queue.send(call(frames(1), { signal }))));
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
    const calls = Array.from({ length: 500 }, () => rejection(queue.send(call(frames(2), { signal }))));
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
    const sending = queue.send(call(frames(2), { deadlineNs, signal: controller.signal }));
    expect(await clock.run(sending)).to.include({ sent: 0, expired: 2 });
    controller.abort();
    expect(counters).to.include({ expired: 2, aborted: 0 });
  });
});
