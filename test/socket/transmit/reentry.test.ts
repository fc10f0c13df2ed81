import { expect } from 'chai';
import { EAGAIN, EINVAL, ENETDOWN } from '../../../src/libc';
import { call, closedError, frames, now, QueueBench } from '../../support/fakes/outlet';
import { collectUncaught, sleep } from '../../support/processes/process';
import { rejection } from '../../support/asserts/thrown';

const FAR = 3_600_000_000_000n;

describe('a TransmitQueue whose callbacks use it', () => {
  it('sends what is sent from within after what was sent before', async () => {
    const { queue, outlet } = new QueueBench();
    const inner: Promise<unknown>[] = [];
    outlet.afterSent = () => {
      if (inner.length < 3)
        inner.push(queue.send(call(frames(2, 100 * inner.length + 100), false, now() + FAR)));
    };
    const first = queue.send(call(frames(3), false, now() + FAR));
    const second = queue.send(call(frames(3, 1000), false, now() + FAR));
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

  it('sends what is sent while a call is under way after what waits for it', async () => {
    const { queue, outlet } = new QueueBench([-ENETDOWN]);
    let inner: Promise<unknown> | undefined;
    outlet.onCall = () => {
      inner ??= queue.send(call(frames(1, 100), false, now() + FAR));
    };
    await queue.send(call(frames(2), false, now() + FAR));
    await inner;
    expect(outlet.taken).to.deep.equal([...frames(2), ...frames(1, 100)]);
  });

  it('can be closed in the middle of a call, which is rejected with its count', async () => {
    const { queue, outlet } = new QueueBench([2]);
    outlet.afterSent = () => {
      queue.close(closedError);
    };
    const waiting = rejection(queue.send(call(frames(5), false, now() + FAR)));
    expect(await waiting).to.include({ message: 'closed', sent: 2 });
    await sleep(10);
    expect(outlet.offers).to.deep.equal([frames(5)]);
  });

  it('can be used again by those whose call was rejected', async () => {
    const { queue, outlet } = new QueueBench([-EINVAL]);
    const again = queue
      .send(call(frames(1), false, now() + FAR))
      .catch(() => queue.send(call(frames(2, 50), false, now() + FAR)));
    expect(await again).to.include({ sent: 2, expired: 0 });
    expect(outlet.taken).to.deep.equal(frames(2, 50));
  });

  it('goes on with what waits though a callback throws', async () => {
    const { queue, outlet } = new QueueBench([-EAGAIN]);
    const first = queue.send(call(frames(1), false, now() + FAR));
    const second = queue.send(call(frames(1, 10), false, now() + FAR));
    outlet.afterSent = () => {
      outlet.afterSent = undefined;
      throw new Error('of a listener');
    };
    const errors = await collectUncaught(async () => {
      expect(await first).to.include({ sent: 1, expired: 0 });
      const outcome = await Promise.race([second, sleep(2000).then(() => 'stuck')]);
      expect(outcome).to.include({ sent: 1, expired: 0 });
    });
    expect(errors.map(({ message }) => message)).to.deep.equal(['of a listener']);
  });

  it('rejects no call for what a callback throws', async () => {
    const { queue, outlet } = new QueueBench([-ENETDOWN, 1]);
    outlet.afterSent = () => {
      throw new Error('of a listener');
    };
    const errors = await collectUncaught(async () => {
      const result = await queue.send(call(frames(3), false, now() + FAR));
      expect(result).to.include({ sent: 3, expired: 0 });
      await sleep(5);
    });
    expect(outlet.taken).to.deep.equal(frames(3));
    expect(errors).to.have.length(2);
  });
});
