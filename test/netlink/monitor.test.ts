import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { LinkMonitor } from '../../src/netlink/monitor';
import { threadIds, threadsBeside } from '../support/processes/threads';
import { runFixture } from '../support/processes/ending';
import { openDescriptors } from '../support/processes/process';
import { until } from '../support/waiting/until';

const ignore = () => ({
  onLink: () => undefined,
  onMissed: () => undefined,
  onEnd: () => undefined,
});

describe('LinkMonitor', () => {
  it('uses one socket and one thread for all subscriptions, and frees them after the last', async () => {
    // The first use creates things that the process keeps: threads for files, memory for polling.
    await readFile(__filename);
    await LinkMonitor.subscribe('thread', ignore()).remove();
    const descriptors = openDescriptors();
    const threads = threadIds();
    for (let round = 0; round < 4; round++) {
      const subscriptions = Array.from({ length: 5 }, () => LinkMonitor.subscribe('thread', ignore()));
      await Promise.all(subscriptions.map((each) => each.drain()));
      const used = openDescriptors().length;
      expect(threadsBeside(threads), 'threads').to.have.length(1);
      const [last, ...others] = subscriptions;
      await Promise.all(others.map((each) => each.remove()));
      expect(openDescriptors(), 'descriptors while one is left').to.have.length(used);
      await last?.drain();
      await last?.remove();
      expect(openDescriptors(), `round ${round}`).to.deep.equal(descriptors);
      // The kernel lists a thread for a short time after its end.
      await until(() => threadsBeside(threads).length === 0, 'the thread has ended');
    }
  });

  it('ignores a second removal, and changes of a removed subscription', async () => {
    const before = openDescriptors();
    const subscription = LinkMonitor.subscribe('thread', ignore());
    const descriptors = openDescriptors().length;
    await Promise.all([subscription.remove(), subscription.remove()]);
    const after = openDescriptors();
    expect(after.length).to.be.lessThan(descriptors);
    expect(after).to.deep.equal(before);
    await subscription.remove();
    subscription.setReferenced(true);
    await subscription.drain();
    expect(openDescriptors()).to.deep.equal(after);
  });

  it('starts again for a subscription made while the last one is being removed', async () => {
    const first = LinkMonitor.subscribe('thread', ignore());
    await first.drain();
    const ending = first.remove();
    const second = LinkMonitor.subscribe('thread', ignore());
    await ending;
    await second.drain();
    await second.remove();
  });
});

describe('a process that follows links', () => {
  const ways: readonly (readonly [way: string, what: string, code: number, out: string])[] = [
    ['unreferenced', 'ends by itself when no subscription is referenced', 0, 'ending\n'],
    ['referenced', 'stays alive while one subscription is referenced', 9, 'ending\n'],
    ['no-longer', 'ends by itself after all subscriptions are unreferenced', 0, 'ending\n'],
    ['removed-one', 'ends by itself after the only referenced subscription is removed', 0, 'ending\nremoved\n'],
    ['removed-both', 'ends by itself after the last subscription is removed', 0, 'ending\nremoved\n'],
  ];
  for (const [way, what, code, out] of ways) {
    it(what, async () => {
      const ended = await runFixture('link-monitor', way);
      expect(ended.stderr).to.equal('');
      expect({ code: ended.code, signal: ended.signal }).to.deep.equal({ code, signal: null });
      expect(ended.stdout).to.equal(out);
    });
  }
});
