import { expect } from 'chai';
import { EAGAIN, EINVAL, ENETDOWN } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { call, closedError, frames, QueueBench } from '../../support/fakes/outlet';
import { collectUncaught } from '../../support/processes/process';
import { rejection } from '../../support/asserts/thrown';

describe('a TransmitQueue whose callbacks use it', () => {
  it('sends the frames of a callback after the frames of the calls made before it', async () => {
    const { queue, outlet } = new QueueBench();
    const inner: Promise<unknown>[] = [];
    outlet.afterSent = () => {
      if (inner.length < 3) inner.push(queue.send(call(frames(2, 100 * inner.length + 100))));
    };
    const first = queue.send(call(frames(3)));
    const second = queue.send(call(frames(3, 1000)));
    await Promise.all([first, second]);
    await Promise.all(inner);
    expect(outlet.taken).to.deep.equal([
      ...frames(3),
      ...frames(2, 100),
      ...frames(2, 200),
      ...frames(2, 300),
      ...frames(3, 1000),
    ]);
  });

  it('sends the frames of a call made inside a call to the kernel after the waiting ones', async () => {
    const { queue, outlet, clock } = new QueueBench([-ENETDOWN]);
    let inner: Promise<unknown> | undefined;
    outlet.onCall = () => {
      inner ??= queue.send(call(frames(1, 100)));
    };
    await clock.run(queue.send(call(frames(2))));
    await inner;
    expect(outlet.taken).to.deep.equal([...frames(2), ...frames(1, 100)]);
  });

  it('rejects a call with its number of sent frames when a callback closes the queue', async () => {
    const { queue, outlet, clock } = new QueueBench([2]);
    outlet.afterSent = () => {
      queue.close(closedError);
    };
    const waiting = rejection(queue.send(call(frames(5))));
    expect(await waiting).to.include({ message: 'closed', sent: 2 });
    await clock.advance(1000n * MS);
    expect(outlet.offers).to.deep.equal([frames(5)]);
  });

  it('sends again for a caller whose call was rejected', async () => {
    const { queue, outlet } = new QueueBench([-EINVAL]);
    const again = queue.send(call(frames(1))).catch(() => queue.send(call(frames(2, 50))));
    expect(await again).to.include({ sent: 2, expired: 0 });
    expect(outlet.taken).to.deep.equal(frames(2, 50));
  });

  it('sends the waiting frames although a callback throws', async () => {
    const { queue, outlet, clock } = new QueueBench([-EAGAIN]);
    const first = queue.send(call(frames(1)));
    const second = queue.send(call(frames(1, 10)));
    outlet.afterSent = () => {
      outlet.afterSent = undefined;
      throw new Error('of a listener');
    };
    const errors = await collectUncaught(async () => {
      expect(await clock.run(first)).to.include({ sent: 1, expired: 0 });
      expect(await clock.run(second)).to.include({ sent: 1, expired: 0 });
    });
    expect(errors.map(({ message }) => message)).to.deep.equal(['of a listener']);
    expect(outlet.times, 'all at the first repetition').to.deep.equal([0n, MS]);
  });

  it('rejects no call when a callback throws', async () => {
    const { queue, outlet, clock } = new QueueBench([-ENETDOWN, 1]);
    outlet.afterSent = () => {
      throw new Error('of a listener');
    };
    const errors = await collectUncaught(async () => {
      const result = await clock.run(queue.send(call(frames(3))));
      expect(result).to.include({ sent: 3, expired: 0 });
      await clock.advance(0n);
    });
    expect(outlet.taken).to.deep.equal(frames(3));
    expect(errors).to.have.length(2);
  });
});
