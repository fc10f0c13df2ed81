import { setImmediate as turn } from 'node:timers/promises';
import { LinkFollower, type LinkOwner, type LinkState } from '../../../src/channel/link-follower';
import type { Link, LinkListener, LinkSubscription } from '../../../src/netlink/link';
import type { Timestamp } from '../../../src/timestamp';
import { FakeClock } from './clock';
import { FakeLinkSource } from './link-source';

/** An open interface that only has an index and a link. */
export class FakeInterface {
  readonly index: number;
  /** Called with each query of the link. */
  onQuery: (() => void) | undefined;
  current: Link;

  constructor(index: number, current: Link = 'up') {
    this.index = index;
    this.current = current;
  }

  link(): Link {
    const { current } = this;
    this.onQuery?.();
    return current;
  }
}

/** A {@link LinkFollower} of `can0` with a connection whose part the test plays. */
export class FollowerBench implements LinkOwner {
  readonly clock = new FakeClock();
  readonly source = new FakeLinkSource();
  /** The calls of the follower, in order. */
  readonly log: string[] = [];
  readonly times: bigint[] = [];
  readonly state: { endpoint: FakeInterface | undefined; link: Link } & LinkState;
  readonly follower: LinkFollower;
  /** Called when the follower drains the queued messages. */
  onDrain: (() => void) | undefined;
  /** Called after the follower has reported the link. */
  afterLink: (() => void) | undefined;
  /** Answers a call of reopen(). By default the interface does not exist. */
  onReopen: () => boolean = () => true;

  constructor(endpoint: FakeInterface | undefined = new FakeInterface(3), link: Link = 'up') {
    this.state = { endpoint, link };
    this.follower = new LinkFollower('can0', this.state, this, this.clock);
  }

  /** Starts a follower, and waits until it has queried the link. Its log is empty then. */
  static async following(endpoint?: FakeInterface, link?: Link): Promise<FollowerBench> {
    const bench = new FollowerBench(endpoint, link);
    bench.follower.follow();
    await bench.settle();
    bench.log.splice(0);
    return bench;
  }

  /** Waits for all work that can run without time passing. */
  async settle(): Promise<void> {
    await turn();
  }

  /** The interface is removed, and the connection has closed it. */
  lose(): void {
    this.state.endpoint = undefined;
    this.state.link = 'gone';
  }

  watchLinks(listener: LinkListener): LinkSubscription {
    return this.source.watchLinks(listener);
  }

  drain(): Promise<void> {
    this.log.push('drain');
    this.onDrain?.();
    return Promise.resolve();
  }

  onLink(link: Link, at: Timestamp): void {
    this.log.push(link);
    this.times.push(at.monotonicNs);
    this.state.link = link;
    this.afterLink?.();
  }

  reopen(): boolean {
    this.log.push('reopen');
    return this.onReopen();
  }
}
