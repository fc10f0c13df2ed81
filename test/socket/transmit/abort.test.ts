import { expect } from 'chai';
import { getEventListeners, setMaxListeners } from 'node:events';
import { EAGAIN, EINVAL, ENETDOWN, ENOBUFS } from '../../../src/libc';
import { call, closedError, frames, now, QueueBench } from '../../support/fakes/outlet';
import { sleep } from '../../support/processes/process';
import { rejection } from '../../support/asserts/thrown';

const FAR = 3_600_000_000_000n;

/** A call with this signal and an hour's time. */
const far = (list: Parameters<typeof call>[0], signal?: AbortSignal) =>
  call(list, false, now() + FAR, signal);

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the AbortSignal of a send', () => {
  it('rejects the call that waits, at once, with what it has sent and why', async () => {
    const { queue, outlet, counters } = new QueueBench([2], -EAGAIN);
    const controller = new AbortController();
    const reason = new Error('enough');
    const waiting = rejection(queue.send(far(frames(5), controller.signal)));
    controller.abort(reason);
    const error = await waiting;
    expect(error).to.include({ name: 'AbortError', code: 'ABORT_ERR', sent: 2, cause: reason });
    expect(counters).to.include({ sent: 2, aborted: 3, expired: 0, refused: 0 });
    const offers = outlet.offers.length;
    await sleep(20);
    expect(outlet.offers, 'no call to the kernel for it').to.have.length(offers);
  });

  it('that was aborted before lets nothing through to the kernel', async () => {
    const { queue, outlet, counters } = new QueueBench();
    const signal = AbortSignal.abort();
    expect(await rejection(queue.send(far(frames(3), signal)))).to.include({
      code: 'ABORT_ERR',
      sent: 0,
      cause: signal.reason as Error,
    });
    expect(outlet.offers).to.deep.equal([]);
    expect(counters).to.include({ sent: 0, aborted: 3 });
    expect(listeners(signal)).to.equal(0);
  });

  it('costs the other calls nothing: they go on in their order', async () => {
    const { queue, outlet, counters } = new QueueBench([1], -ENOBUFS);
    const controller = new AbortController();
    const lists = [frames(3), frames(2, 100), frames(4, 200), frames(1, 300)];
    const calls = lists.map((list, index) =>
      queue.send(far(list, index === 0 || index === 2 ? controller.signal : undefined)).then(
        ({ sent }) => sent,
        (error: unknown) => `aborted at ${(error as { sent: number }).sent}`,
      ),
    );
    controller.abort();
    outlet.default_ = undefined;
    expect(await Promise.all(calls)).to.deep.equal(['aborted at 1', 2, 'aborted at 0', 1]);
    expect(outlet.taken).to.deep.equal([...frames(1), ...frames(2, 100), ...frames(1, 300)]);
    expect(counters).to.include({ sent: 4, aborted: 6 });
  });

  it('may be aborted from within, when some of the call is sent', async () => {
    const { queue, outlet, counters } = new QueueBench([2, 2]);
    const controller = new AbortController();
    outlet.afterSent = ({ sent }) => {
      if (sent === 4) controller.abort();
    };
    const first = rejection(queue.send(far(frames(9), controller.signal)));
    const second = queue.send(far(frames(2, 100)));
    expect(await first).to.include({ code: 'ABORT_ERR', sent: 4 });
    expect(await second).to.include({ sent: 2, expired: 0 });
    expect(outlet.taken).to.deep.equal([...frames(4), ...frames(2, 100)]);
    expect(counters).to.include({ sent: 6, aborted: 5 });
  });

  it('changes nothing once the call is over', async () => {
    const { queue, outlet, counters } = new QueueBench();
    const controller = new AbortController();
    outlet.afterSent = () => {
      controller.abort();
    };
    const sending = queue.send(far(frames(3), controller.signal));
    expect(await sending).to.include({ sent: 3, expired: 0 });
    expect(counters).to.include({ sent: 3, aborted: 0 });
  });

  it('is listened to no longer than the call lasts, however it ends', async () => {
    const { signal } = new AbortController();
    const ended = new QueueBench();
    await ended.queue.send(far(frames(1), signal));
    expect(listeners(signal), 'sent').to.equal(0);

    const expired = new QueueBench([], -EAGAIN);
    const expiring = expired.queue.send(call(frames(1), false, now() + 5_000_000n, signal));
    expect(listeners(signal)).to.equal(1);
    await expiring;
    expect(listeners(signal), 'expired').to.equal(0);

    const refused = new QueueBench([-EINVAL]);
    await rejection(refused.queue.send(far(frames(1), signal)));
    expect(listeners(signal), 'refused').to.equal(0);

    const closed = new QueueBench([], -ENETDOWN);
    const waiting = [1, 2].map(() => rejection(closed.queue.send(far(frames(1), signal))));
    expect(listeners(signal), 'one for both').to.equal(1);
    closed.queue.close(closedError);
    await Promise.all(waiting);
    expect(listeners(signal), 'closed').to.equal(0);
  });

  it('may be that of very many calls', async () => {
    const { queue, counters } = new QueueBench([], -EAGAIN);
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const calls = Array.from({ length: 500 }, () =>
      rejection(queue.send(far(frames(2), controller.signal))),
    );
    controller.abort();
    const errors = await Promise.all(calls);
    expect(errors.every(({ code }) => code === 'ABORT_ERR')).to.equal(true);
    expect(counters).to.include({ aborted: 1000, sent: 0 });
    expect(listeners(controller.signal)).to.equal(0);
  });

  it('changes nothing after the deadline', async () => {
    const { queue, counters } = new QueueBench([], -EAGAIN);
    const controller = new AbortController();
    const deadline = now() + 10_000_000n;
    const sending = queue.send(call(frames(2), false, deadline, controller.signal));
    expect(await sending).to.include({ sent: 0, expired: 2 });
    controller.abort();
    expect(counters).to.include({ expired: 2, aborted: 0 });
  });
});
