import { expect } from 'chai';
import { LinkMonitor } from '../../../src/socket/link/monitor';
import { runFixture } from '../../support/processes/ending';
import { openDescriptors, threadCount } from '../../support/processes/process';

const ignore = () => ({
  onLink: () => undefined,
  onMissed: () => undefined,
  onEnd: () => undefined,
});

describe('LinkMonitor', () => {
  it('has one socket and one thread for all who follow links, and nothing after the last', async function () {
    this.timeout(60_000);
    await LinkMonitor.subscribe('thread', ignore()).remove(); // The process itself is complete after this.
    const before = { descriptors: openDescriptors(), threads: threadCount() };
    for (let round = 0; round < 4; round++) {
      const subscriptions = Array.from({ length: 5 }, () =>
        LinkMonitor.subscribe('thread', ignore()),
      );
      await Promise.all(subscriptions.map((each) => each.drain()));
      const netlink = openDescriptors().length - before.descriptors.length;
      expect(threadCount()).to.equal(before.threads + 1);
      const [last, ...others] = subscriptions;
      await Promise.all(others.map((each) => each.remove()));
      expect(openDescriptors().length - before.descriptors.length).to.equal(netlink);
      await last?.drain();
      await last?.remove();
      expect(openDescriptors(), `round ${round}`).to.deep.equal(before.descriptors);
      expect(threadCount()).to.equal(before.threads);
    }
  });

  it('takes a removal twice, and a word about it after, as nothing', async () => {
    const subscription = LinkMonitor.subscribe('thread', ignore());
    const descriptors = openDescriptors().length;
    await Promise.all([subscription.remove(), subscription.remove()]);
    const after = openDescriptors();
    expect(after.length).to.be.lessThan(descriptors);
    await subscription.remove();
    subscription.setReferenced(true);
    await subscription.drain();
    expect(openDescriptors()).to.deep.equal(after);
  });

  it('begins anew for one who comes while it ends', async () => {
    const first = LinkMonitor.subscribe('thread', ignore());
    await first.drain();
    const ending = first.remove();
    const second = LinkMonitor.subscribe('thread', ignore());
    await ending;
    await second.drain();
    await second.remove();
  });
});

describe('a process that follows links', function () {
  this.timeout(60_000);

  const ways: readonly (readonly [way: string, what: string, code: number, out: string])[] = [
    ['unreferenced', 'ends by itself when nobody wants it to stay', 0, 'ending\n'],
    ['referenced', 'stays while one wants it to', 9, 'ending\n'],
    ['no-longer', 'ends by itself when nobody wants it to stay any more', 0, 'ending\n'],
    [
      'removed-one',
      'ends by itself when the one who wanted it to stay is gone',
      0,
      'ending\nremoved\n',
    ],
    ['removed-both', 'stays until the last is gone, and ends then', 0, 'ending\nremoved\n'],
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
