import type { Link, LinkChange, LinkListener, LinkSubscription } from '../../../src/netlink/link';
import type { Timestamp } from '../../../src/timestamp';

/** A time on both clocks, given in ns of the monotonic clock. */
export function timeAt(monotonicNs: bigint): Timestamp {
  return { systemNs: monotonicNs, monotonicNs };
}

/** A change of the interface `can0`. */
export function change(index: number, link: Link, at = timeAt(1n), name: string | undefined = 'can0'): LinkChange {
  return { index, name, link, at };
}

/** A subscription of a {@link FakeLinkSource}. */
class FakeSubscription implements LinkSubscription {
  readonly listener: LinkListener;
  readonly #deliver: () => void;
  referenced = false;
  removed = false;

  constructor(listener: LinkListener, deliver: () => void) {
    this.listener = listener;
    this.#deliver = deliver;
  }

  drain(): Promise<void> {
    this.#deliver();
    return Promise.resolve();
  }

  setReferenced(referenced: boolean): void {
    this.referenced = referenced;
  }

  remove(): Promise<void> {
    this.removed = true;
    return Promise.resolve();
  }
}

/** Stands in for rtnetlink(7): the test reports the changes. */
export class FakeLinkSource {
  /** All subscriptions so far, the removed ones too. */
  readonly subscriptions: FakeSubscription[] = [];
  /** The number of attempts to subscribe. */
  attempts = 0;
  /** What an attempt to subscribe throws. */
  refusal: Error | undefined;
  /** Called when a subscription drains the changes. */
  onDrain: (() => void) | undefined;
  #queued: LinkChange[] = [];

  watchLinks(listener: LinkListener): LinkSubscription {
    this.attempts++;
    if (this.refusal !== undefined) throw this.refusal;
    const subscription = new FakeSubscription(listener, () => {
      this.deliver();
      this.onDrain?.();
    });
    this.subscriptions.push(subscription);
    return subscription;
  }

  /** The last subscription that is not removed. */
  get current(): FakeSubscription | undefined {
    return this.subscriptions.findLast(({ removed }) => !removed);
  }

  /** Reports changes at once. */
  report(...changes: readonly LinkChange[]): void {
    for (const each of changes) this.current?.listener.onLink(each);
  }

  /** Makes changes wait in the receive buffer, until the next drain of a subscription or {@link deliver}. */
  queue(...changes: readonly LinkChange[]): void {
    this.#queued.push(...changes);
  }

  /** Reports the changes that wait. */
  deliver(): void {
    this.report(...this.#queued.splice(0));
  }

  /** Notifications were lost. */
  miss(): void {
    this.current?.listener.onMissed();
  }

  /** The source ends, as when the thread of the poller fails. */
  end(): void {
    const { current } = this;
    if (current === undefined) return;
    current.removed = true;
    current.listener.onEnd();
  }
}
