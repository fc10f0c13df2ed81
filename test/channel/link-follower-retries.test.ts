import { expect } from 'chai';
import { constants } from 'node:os';
import { ENOBUFS, ENOMEM } from '../../src/libc/errno';
import { systemError } from '../../src/libc/errors';
import { MS } from '../support/fakes/clock';
import { change } from '../support/fakes/link-source';
import { FakeInterface, FollowerBench } from '../support/fakes/link-owner';
import { collectUncaught } from '../support/processes/process';
import { thrown } from '../support/asserts/thrown';

const { EMFILE, ENFILE, EOPNOTSUPP } = constants.errno;

/** The errors of a source of link changes. */
const sourceError = (errno: number) => systemError(-errno, 'socket');

/** Follows a link without a source of link changes. */
async function withoutSource(endpoint?: FakeInterface, link?: 'up' | 'down'): Promise<FollowerBench> {
  const bench = new FollowerBench(endpoint, link);
  bench.source.refusal = sourceError(EOPNOTSUPP);
  bench.follower.follow();
  await bench.settle();
  return bench;
}

/** Lets time pass timer by timer, and returns how long each of them waits, in ms. */
async function waits(bench: FollowerBench, count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const [next] = bench.clock.waits;
    if (next === undefined) break;
    found.push(Number(next / MS));
    await bench.clock.advance(next);
  }
  return found;
}

describe('a LinkFollower without a source of link changes', () => {
  it('queries the link once while it is up', async () => {
    const bench = await withoutSource();
    expect(bench.follower.isFollowing).to.equal(false);
    expect(bench.log).to.deep.equal(['drain', 'up']);
    expect(bench.clock.waits).to.deep.equal([]);
  });

  it('queries the link every 100 ms until it is up', async () => {
    const endpoint = new FakeInterface(3, 'down');
    const bench = await withoutSource(endpoint, 'down');
    expect(await waits(bench, 4)).to.deep.equal([100, 100, 100, 100]);
    expect(new Set(bench.log)).to.deep.equal(new Set(['drain', 'down']));
    endpoint.current = 'up';
    expect(await waits(bench, 4)).to.deep.equal([100]);
    expect(bench.log.at(-1)).to.equal('up');
  });

  it('queries the link again after an error', async () => {
    const endpoint = new FakeInterface(3);
    const bench = await withoutSource(endpoint);
    endpoint.current = 'down';
    bench.follower.tryFollow();
    await bench.settle();
    expect(bench.log.at(-1)).to.equal('down');
    expect(bench.clock.waits).to.deep.equal([100n * MS]);
  });

  it('tries to reopen the interface ever later, at most after 1 s', async () => {
    const bench = await withoutSource();
    bench.lose();
    bench.log.splice(0);
    bench.follower.queryLink();
    await bench.settle();
    expect(await waits(bench, 6)).to.deep.equal([100, 200, 400, 800, 1000, 1000]);
    expect(new Set(bench.log)).to.deep.equal(new Set(['reopen']));
  });

  it('begins with 100 ms again after it found an interface', async () => {
    const bench = await withoutSource();
    bench.lose();
    bench.follower.queryLink();
    await bench.settle();
    await waits(bench, 5);
    bench.onReopen = () => {
      bench.state.endpoint = new FakeInterface(4, 'down');
      bench.state.link = 'down';
      return true;
    };
    expect(await waits(bench, 3)).to.deep.equal([1000, 100, 100]);
  });

  it('subscribes as soon as a source exists', async () => {
    const bench = await withoutSource(new FakeInterface(3, 'down'), 'down');
    bench.source.refusal = undefined;
    expect(await waits(bench, 2)).to.deep.equal([100]);
    expect(bench.follower.isFollowing).to.equal(true);
  });
});

describe('a LinkFollower whose source fails', () => {
  for (const errno of [EMFILE, ENFILE, ENOBUFS, ENOMEM]) {
    const refusal = sourceError(errno);

    it(`throws ${refusal.code} when it starts`, () => {
      const bench = new FollowerBench();
      bench.source.refusal = refusal;
      expect(
        thrown(() => {
          bench.follower.follow();
        }),
      ).to.equal(refusal);
      expect(bench.clock.waits).to.deep.equal([]);
    });

    it(`tries later after ${refusal.code}`, async () => {
      const bench = new FollowerBench(new FakeInterface(3, 'down'));
      bench.source.refusal = refusal;
      bench.follower.tryFollow();
      await bench.clock.advance(100n * MS);
      expect(bench.source.attempts).to.equal(2);
      bench.source.refusal = undefined;
      await bench.clock.advance(200n * MS);
      expect(bench.follower.isFollowing).to.equal(true);
      expect(bench.log.at(-1)).to.equal('down');
      expect(bench.clock.waits).to.deep.equal([]);
    });
  }

  it('subscribes again 100 ms after the source has ended, and queries the link', async () => {
    const endpoint = new FakeInterface(3);
    const bench = await FollowerBench.following(endpoint);
    bench.source.end();
    expect(bench.follower.isFollowing).to.equal(false);
    endpoint.current = 'down';
    expect(await waits(bench, 2)).to.deep.equal([100]);
    expect(bench.source.attempts).to.equal(2);
    expect(bench.log.at(-1)).to.equal('down');
  });

  it('tries again to open an interface that exists but cannot be opened', async () => {
    const bench = await FollowerBench.following();
    bench.lose();
    bench.onReopen = () => false;
    bench.source.report(change(4, 'down'));
    await bench.settle();
    expect(await waits(bench, 3)).to.deep.equal([100, 200, 400]);
  });
});

describe('LinkFollower.setReferenced', () => {
  it('applies to the subscription, also to the next one', async () => {
    const bench = await FollowerBench.following();
    expect(bench.source.current?.referenced).to.equal(false);
    bench.follower.setReferenced(true);
    expect(bench.source.current?.referenced).to.equal(true);
    bench.source.end();
    await bench.clock.advance(100n * MS);
    expect(bench.source.subscriptions).to.have.length(2);
    expect(bench.source.current?.referenced).to.equal(true);
  });

  it('applies to the timer that runs, and to the next one', async () => {
    const bench = await withoutSource(new FakeInterface(3, 'down'), 'down');
    const { clock, follower } = bench;
    expect(clock.referencedTimers).to.equal(0);
    follower.setReferenced(true);
    expect(clock.referencedTimers).to.equal(1);
    await clock.advance(100n * MS);
    expect(clock.referencedTimers).to.equal(1);
    follower.setReferenced(false);
    expect(clock.referencedTimers).to.equal(0);
    await clock.advance(100n * MS);
    expect(clock.waits).to.have.length(1);
    expect(clock.referencedTimers).to.equal(0);
  });
});

describe('LinkFollower.enqueue', () => {
  it('runs work in order, and goes on after an exception, which becomes uncaught', async () => {
    const bench = new FollowerBench();
    const error = new Error('from the work');
    const uncaught = await collectUncaught(async () => {
      bench.follower.enqueue(async () => {
        await bench.settle();
        bench.log.push('first');
      });
      bench.follower.enqueue(() => {
        throw error;
      });
      bench.follower.enqueue(() => bench.log.push('third'));
      expect(bench.log).to.deep.equal([]);
      await bench.settle();
      await bench.settle();
    });
    expect(bench.log).to.deep.equal(['first', 'third']);
    expect(uncaught).to.deep.equal([error]);
  });
});

describe('LinkFollower.close', () => {
  it('removes the subscription, and discards the work that waits', async () => {
    const bench = await FollowerBench.following();
    bench.follower.enqueue(() => bench.log.push('work'));
    await bench.follower.close();
    await bench.settle();
    expect(bench.source.subscriptions.map(({ removed }) => removed)).to.deep.equal([true]);
    expect(bench.log).to.deep.equal([]);
  });

  it('reports neither a change nor a query whose drain it interrupts', async () => {
    for (const begin of ['change', 'query']) {
      const bench = await FollowerBench.following();
      bench.onDrain = () => void bench.follower.close();
      if (begin === 'change') bench.source.report(change(3, 'down'));
      else bench.follower.queryLink();
      await bench.settle();
      expect(bench.log, begin).to.deep.equal(['drain']);
    }
  });

  it('stops the timer, and starts no other', async () => {
    const bench = await withoutSource(new FakeInterface(3, 'down'), 'down');
    expect(bench.clock.waits).to.have.length(1);
    await bench.follower.close();
    expect(bench.clock.waits).to.deep.equal([]);
    const { attempts } = bench.source;
    bench.follower.tryFollow();
    bench.follower.queryLink();
    await bench.settle();
    expect(bench.clock.waits).to.deep.equal([]);
    expect(bench.source.attempts).to.equal(attempts);
  });
  it('starts no timer after a query that it interrupts', async () => {
    const bench = await withoutSource();
    bench.state.link = 'down';
    bench.onDrain = () => void bench.follower.close();
    bench.follower.queryLink();
    await bench.settle();
    expect(bench.clock.waits).to.deep.equal([]);
  });
});
