import { expect } from 'chai';
import { change, timeAt } from '../support/fakes/link-source';
import { FakeInterface, FollowerBench } from '../support/fakes/link-owner';
import { collectUncaught } from '../support/processes/process';

const listenerError = new Error('from a listener');

describe('LinkFollower', () => {
  it('queries the link when it starts, after the messages that are queued', async () => {
    const bench = new FollowerBench(new FakeInterface(3, 'down'));
    expect(bench.follower.isFollowing).to.equal(false);
    bench.follower.follow();
    expect(bench.follower.isFollowing).to.equal(true);
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'down']);
  });

  it('subscribes once', async () => {
    const bench = await FollowerBench.following();
    bench.follower.follow();
    bench.follower.tryFollow();
    await bench.settle();
    expect(bench.source.attempts).to.equal(1);
    expect(bench.log).to.deep.equal([]);
  });

  it("reports 'up' at once when no work waits", async () => {
    const bench = await FollowerBench.following(new FakeInterface(3, 'down'), 'down');
    bench.source.report(change(3, 'up', timeAt(77n)));
    expect(bench.log).to.deep.equal(['up']);
    expect(bench.times.at(-1)).to.equal(77n);
  });

  it("reports 'up' after the 'down' that waits for queued messages", async () => {
    const bench = await FollowerBench.following();
    bench.source.report(change(3, 'down'), change(3, 'up'));
    expect(bench.log).to.deep.equal([]);
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'down', 'drain', 'up']);
  });

  it('reports changes with their own times, in order', async () => {
    const bench = await FollowerBench.following();
    bench.times.splice(0);
    bench.source.report(change(3, 'down', timeAt(5n)), change(3, 'gone', timeAt(6n)));
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'down', 'drain', 'gone']);
    expect(bench.times).to.deep.equal([5n, 6n]);
  });

  it('ignores changes of another interface', async () => {
    const bench = await FollowerBench.following();
    bench.source.report(change(4, 'up'), change(4, 'gone'));
    await bench.settle();
    expect(bench.log).to.deep.equal([]);
  });

  it('follows the interface by its index when it is renamed', async () => {
    const bench = await FollowerBench.following();
    bench.source.report(change(3, 'down', timeAt(1n), 'renamed'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'down']);
  });

  it('ignores a change of an interface that was replaced during the drain', async () => {
    const bench = await FollowerBench.following();
    bench.onDrain = () => {
      bench.state.endpoint = new FakeInterface(4);
    };
    bench.source.report(change(3, 'gone'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain']);
  });

  it("makes an exception from 'up' uncaught, and goes on", async () => {
    const bench = await FollowerBench.following(new FakeInterface(3, 'down'), 'down');
    bench.afterLink = () => {
      bench.afterLink = undefined;
      throw listenerError;
    };
    const uncaught = await collectUncaught(async () => {
      bench.source.report(change(3, 'up'), change(3, 'down'));
      await bench.settle();
    });
    expect(uncaught).to.deep.equal([listenerError]);
    expect(bench.log).to.deep.equal(['up', 'drain', 'down']);
  });
});

describe('LinkFollower.queryLink', () => {
  it('queries the link again when the link changes during the drain', async () => {
    const endpoint = new FakeInterface(3, 'down');
    const bench = await FollowerBench.following(endpoint);
    bench.onDrain = () => {
      endpoint.current = 'up';
    };
    bench.follower.queryLink();
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'drain', 'up']);
  });

  it('queries the link again when the interface is replaced during the drain', async () => {
    const bench = await FollowerBench.following(new FakeInterface(3, 'down'));
    const other = new FakeInterface(3, 'down');
    let queries = 0;
    other.onQuery = () => queries++;
    bench.onDrain = () => {
      bench.state.endpoint = other;
    };
    bench.follower.queryLink();
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'drain', 'down']);
    expect(queries).to.equal(2);
  });

  it('ignores the changes that wait when it queries the link, because the state it reports is newer', async () => {
    const endpoint = new FakeInterface(3, 'down');
    const bench = await FollowerBench.following(endpoint);
    bench.source.queue(change(3, 'up'), change(3, 'gone'));
    bench.follower.queryLink();
    await bench.settle();
    bench.source.deliver();
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'down']);
  });

  it('reports changes that arrive during the query after its result', async () => {
    const endpoint = new FakeInterface(3, 'up');
    const bench = await FollowerBench.following(endpoint);
    bench.onDrain = () => {
      bench.onDrain = undefined;
      bench.source.report(change(3, 'down'));
    };
    bench.follower.queryLink();
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'up', 'drain', 'down']);
  });

  it('queries the link when notifications were lost', async () => {
    const endpoint = new FakeInterface(3, 'up');
    const bench = await FollowerBench.following(endpoint);
    endpoint.current = 'down';
    bench.source.miss();
    await bench.settle();
    expect(bench.log).to.deep.equal(['drain', 'down']);
  });
});

describe('a LinkFollower without an interface', () => {
  /** Each reopened interface has this index. */
  async function gone(index = 4): Promise<FollowerBench> {
    const bench = await FollowerBench.following();
    bench.lose();
    bench.onReopen = () => {
      bench.state.endpoint = new FakeInterface(index);
      bench.state.link = 'down';
      return true;
    };
    return bench;
  }

  it('reopens an interface of its name, then queries the link', async () => {
    const bench = await gone();
    bench.source.report(change(4, 'down'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['reopen', 'drain', 'up']);
  });

  it('reopens when the source cannot tell the name', async () => {
    const bench = await gone();
    bench.source.report({ ...change(4, 'down'), name: undefined });
    await bench.settle();
    expect(bench.log).to.deep.equal(['reopen', 'drain', 'up']);
  });

  it('ignores interfaces of other names, and removals', async () => {
    const bench = await gone();
    bench.source.report(change(4, 'up', timeAt(1n), 'can1'), change(3, 'gone'));
    await bench.settle();
    expect(bench.log).to.deep.equal([]);
  });

  it('reopens the interface when it queries the link', async () => {
    const bench = await gone();
    bench.follower.queryLink();
    await bench.settle();
    expect(bench.log).to.deep.equal(['reopen', 'drain', 'up']);
  });

  it('waits for a notification when the interface does not exist', async () => {
    const bench = await gone();
    bench.onReopen = () => true;
    bench.follower.queryLink();
    await bench.settle();
    expect(bench.log).to.deep.equal(['reopen']);
    expect(bench.clock.waits).to.deep.equal([]);
  });

  it('ignores the removal of the old interface when the new one has the same index', async () => {
    const bench = await gone(3);
    bench.source.report(change(3, 'down'), change(3, 'gone'));
    await bench.settle();
    expect(bench.log).to.deep.equal(['reopen', 'drain', 'up']);
    bench.source.report(change(3, 'gone'));
    await bench.settle();
    expect(bench.log.slice(3)).to.deep.equal(['drain', 'gone']);
  });

  it('ignores changes that were queued before it reopened the interface with the same index', async () => {
    const bench = await gone(3);
    bench.source.queue(change(3, 'gone'), change(3, 'up'));
    bench.source.report(change(3, 'down'));
    await bench.settle();
    bench.source.deliver();
    await bench.settle();
    expect(bench.log).to.deep.equal(['reopen', 'drain', 'up']);
  });

  it('makes an exception of the reopening uncaught, and queries the link', async () => {
    const bench = await gone();
    const { onReopen } = bench;
    bench.onReopen = () => {
      onReopen();
      throw listenerError;
    };
    const uncaught = await collectUncaught(async () => {
      bench.source.report(change(4, 'down'));
      await bench.settle();
    });
    expect(uncaught).to.deep.equal([listenerError]);
    expect(bench.log).to.deep.equal(['reopen', 'drain', 'up']);
  });
});
