import { expect } from 'chai';
import { EAGAIN, EINVAL, ENETDOWN } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { closedError, items, QueueBench, request } from '../../support/fakes/transmit-queue';
import { collectUncaught } from '../../support/processes/process';
import { rejection } from '../../support/asserts/thrown';

describe('a TransmitQueue whose callbacks use it', () => {
  it('sends the items of a callback after the items of the calls made before it', async () => {
    const { queue, sender } = new QueueBench();
    const inner: Promise<unknown>[] = [];
    sender.afterSent = () => {
      if (inner.length < 3) inner.push(queue.send(request(items(2, 100 * inner.length + 100))));
    };
    const first = queue.send(request(items(3)));
    const second = queue.send(request(items(3, 1000)));
    await Promise.all([first, second]);
    await Promise.all(inner);
    expect(sender.taken).to.deep.equal([
      ...items(3),
      ...items(2, 100),
      ...items(2, 200),
      ...items(2, 300),
      ...items(3, 1000),
    ]);
  });

  it('sends the items of a call made inside a call to the kernel after the waiting ones', async () => {
    const { queue, sender, clock } = new QueueBench([-ENETDOWN]);
    let inner: Promise<unknown> | undefined;
    sender.onCall = () => {
      inner ??= queue.send(request(items(1, 100)));
    };
    await clock.run(queue.send(request(items(2))));
    await inner;
    expect(sender.taken).to.deep.equal([...items(2), ...items(1, 100)]);
  });

  it('rejects a call with its number of sent items when a callback closes the queue', async () => {
    const { queue, sender, clock } = new QueueBench([2]);
    sender.afterSent = () => {
      queue.close(closedError);
    };
    const waiting = rejection(queue.send(request(items(5))));
    expect(await waiting).to.include({ message: 'closed', sent: 2 });
    await clock.advance(1000n * MS);
    expect(sender.offers).to.deep.equal([items(5)]);
  });

  it('sends again for a caller whose call was rejected', async () => {
    const { queue, sender } = new QueueBench([-EINVAL]);
    const again = queue.send(request(items(1))).catch(() => queue.send(request(items(2, 50))));
    expect(await again).to.include({ sent: 2, expired: 0 });
    expect(sender.taken).to.deep.equal(items(2, 50));
  });

  it('sends the waiting items although a callback throws', async () => {
    const { queue, sender, clock } = new QueueBench([-EAGAIN]);
    const first = queue.send(request(items(1)));
    const second = queue.send(request(items(1, 10)));
    sender.afterSent = () => {
      sender.afterSent = undefined;
      throw new Error('of a listener');
    };
    const errors = await collectUncaught(async () => {
      expect(await clock.run(first)).to.include({ sent: 1, expired: 0 });
      expect(await clock.run(second)).to.include({ sent: 1, expired: 0 });
    });
    expect(errors.map(({ message }) => message)).to.deep.equal(['of a listener']);
    expect(sender.times, 'all at the first repetition').to.deep.equal([0n, MS]);
  });

  it('rejects no call when a callback throws', async () => {
    const { queue, sender, clock } = new QueueBench([-ENETDOWN, 1]);
    sender.afterSent = () => {
      throw new Error('of a listener');
    };
    const errors = await collectUncaught(async () => {
      const result = await clock.run(queue.send(request(items(3))));
      expect(result).to.include({ sent: 3, expired: 0 });
      await clock.advance(0n);
    });
    expect(sender.taken).to.deep.equal(items(3));
    expect(errors).to.have.length(2);
  });
});
