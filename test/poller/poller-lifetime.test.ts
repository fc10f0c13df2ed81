import { expect } from 'chai';
import type { Registration } from '../../src/poller/consumer';
import { ThreadPoller } from '../../src/poller/thread-poller';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { threadIds, threadsBeside } from '../support/processes/threads';
import { openDescriptors } from '../support/processes/process';
import { until } from '../support/waiting/until';
import { requestFor, Recorder } from '../support/fakes/consumer';

/** Adds the near end, waits for a frame, and removes it. */
async function cycle(pair: Pair): Promise<void> {
  const consumer = new Recorder();
  const registration = ThreadPoller.add(requestFor(pair.near, 16), consumer);
  pair.send(classicBytes(1));
  await consumer.untilFrames(1);
  await registration.remove();
}

describe("the poller's thread", () => {
  let pair: Pair;
  before(() => {
    pair = new Pair();
  });
  after(() => {
    pair[Symbol.dispose]();
  });

  /** An ended thread can stay in /proc for a moment after its 'exit' event. */
  const untilGone = (before: readonly number[]): Promise<void> =>
    until(() => threadsBeside(before).length === 0, 'the thread has ended');

  it('ends with the last remove(), closes its descriptors, and starts with the next add()', async () => {
    await cycle(pair); // From now on the process opens no descriptors of its own.
    const descriptors = openDescriptors();
    const threads = threadIds();
    for (let i = 0; i < 6; i++) {
      await cycle(pair);
      await untilGone(threads);
      expect(openDescriptors(), `descriptors after cycle ${i}`).to.deep.equal(descriptors);
    }
  });

  it('ends with the last of several remove() calls in any order', async () => {
    const threads = threadIds();
    using second = new Pair();
    using third = new Pair();
    const registrations = [pair, second, third].map(({ near }) =>
      ThreadPoller.add(requestFor(near, 16), new Recorder()),
    ) as [Registration, Registration, Registration];
    await registrations[1].remove();
    expect(threadsBeside(threads)).to.have.length(1);
    await Promise.all([registrations[2].remove(), registrations[0].remove()]);
    await untilGone(threads);
  });

  it('settles a second remove() like the first', async () => {
    const registration = ThreadPoller.add(requestFor(pair.near, 16), new Recorder());
    const [first, second] = [registration.remove(), registration.remove()];
    await Promise.all([first, second]);
    await registration.remove();
  });

  it('is replaced by a new thread for a socket that is added while it ends', async () => {
    const threads = threadIds();
    const first = ThreadPoller.add(requestFor(pair.near, 16), new Recorder());
    const ending = first.remove();
    using other = new Pair();
    const consumer = new Recorder();
    const second = ThreadPoller.add(requestFor(other.near, 16), consumer);
    await ending;
    other.send(classicBytes(5));
    await consumer.untilFrames(1);
    await until(() => threadsBeside(threads).length === 1, 'only the new thread is left');
    await second.remove();
    await untilGone(threads);
  });
});
