import { expect } from 'chai';
import type { Registration } from '../../src/poller';
import { Poller } from '../../src/poller/poller';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { openDescriptors, sleep, threadCount } from '../support/processes/process';
import { readingOf, Recorder } from '../support/fakes/sink';

/** Adds the near end, sees a frame arrive, and removes it again. */
async function cycle(pair: Pair): Promise<void> {
  const sink = new Recorder();
  const registration = Poller.add(readingOf(pair.near, 16), sink);
  pair.send(classicBytes(1));
  await sink.untilFrames(1);
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

  it('is gone after the last remove(), with all its descriptors, and a new one starts with the next add', async function () {
    this.timeout(60_000);
    await cycle(pair); // The process itself is complete after this.
    const descriptors = openDescriptors();
    const threads = threadCount();
    for (let i = 0; i < 6; i++) {
      await cycle(pair);
      expect(threadCount(), `threads after cycle ${i}`).to.equal(threads);
      expect(openDescriptors(), `descriptors after cycle ${i}`).to.deep.equal(descriptors);
    }
  });

  it('is gone after the last of several removes, whatever their order and however close', async () => {
    const threads = threadCount();
    using second = new Pair();
    using third = new Pair();
    const registrations = [pair, second, third].map(({ near }) =>
      Poller.add(readingOf(near, 16), new Recorder()),
    ) as [Registration, Registration, Registration];
    await registrations[1].remove();
    expect(threadCount()).to.equal(threads + 1);
    await Promise.all([registrations[2].remove(), registrations[0].remove()]);
    expect(threadCount()).to.equal(threads);
  });

  it('lets go at the second remove() as at the first: both are settled', async () => {
    const registration = Poller.add(readingOf(pair.near, 16), new Recorder());
    const [first, second] = [registration.remove(), registration.remove()];
    const outcome = await Promise.race([
      Promise.all([first, second]).then(() => 'settled'),
      sleep(5000).then(() => 'hanging'),
    ]);
    expect(outcome).to.equal('settled');
    await registration.remove();
  });

  it('is followed by a new one for a socket that is added before it has ended', async () => {
    const threads = threadCount();
    const first = Poller.add(readingOf(pair.near, 16), new Recorder());
    const ending = first.remove();
    using other = new Pair();
    const sink = new Recorder();
    const second = Poller.add(readingOf(other.near, 16), sink);
    await ending;
    other.send(classicBytes(5));
    await sink.untilFrames(1);
    expect(threadCount()).to.equal(threads + 1);
    await second.remove();
    expect(threadCount()).to.equal(threads);
  });
});
