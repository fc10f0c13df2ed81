import { debuglog } from 'node:util';
import { systemClock, type Clock, type ClockTimer } from '../clock';
import type { Link, LinkChange, LinkListener, LinkSubscription } from '../netlink/link';
import { timestampNow } from '../poller/timestamp';
import type { Timestamp } from '../timestamp';
import { callListener, throwUncaught } from '../uncaught';
import type { Endpoint } from './endpoint';

const debug = debuglog('socketcan:channel');

/** The first and the longest wait before the next query of a link that nothing reports on, in ms. */
const FIRST_QUERY_MS = 100;
const LONGEST_QUERY_MS = 1000;

/** Temporary errors: the process or the system has run out of descriptors or memory. */
const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** The state of a connection, which changes it. */
export interface LinkState {
  /** Undefined while the interface is gone. */
  readonly endpoint: Pick<Endpoint, 'index' | 'link'> | undefined;
  /** The last reported state of the link. */
  readonly link: Link;
}

/** The connection whose link is followed. */
export interface LinkOwner {
  /** Subscribes to link changes. @throws {SystemError} */
  watchLinks(listener: LinkListener): LinkSubscription;
  /** Resolves when all messages that are queued now were delivered. */
  drain(): Promise<void>;
  /** The link of the open interface has this state now, and everything queued before was delivered. */
  onLink(link: Link, at: Timestamp): void;
  /** Opens the interface if it exists. Returns false if it exists but cannot be opened yet. */
  reopen(): boolean;
}

/**
 * Follows the link of an interface, in one order and from one source, rtnetlink(7) or the virtual bus. It reports each
 * change once, after all messages that were queued before the change.
 */
export class LinkFollower {
  readonly #interfaceName: string;
  readonly #state: LinkState;
  readonly #owner: LinkOwner;
  readonly #clock: Clock;
  #subscription: LinkSubscription | undefined;
  #referenced = false;
  #closed = false;
  /** The end of the queue of work. */
  #work: Promise<unknown> = Promise.resolve();
  #pending = 0;
  /** Changes queued under an older number predate the last query and are ignored. */
  #generation = 0;
  #timer: ClockTimer | undefined;
  #waitMs = FIRST_QUERY_MS;

  constructor(interfaceName: string, state: LinkState, owner: LinkOwner, clock: Clock = systemClock) {
    this.#interfaceName = interfaceName;
    this.#state = state;
    this.#owner = owner;
    this.#clock = clock;
  }

  /** Whether a source reports link changes, so that the socket need not infer them. */
  get isFollowing(): boolean {
    return this.#subscription !== undefined;
  }

  /** Starts to follow the link. @throws {SystemError} EMFILE, ... */
  follow(): void {
    if (this.#subscription !== undefined || this.#closed) return;
    try {
      this.#subscription = this.#owner.watchLinks({
        onLink: (change) => {
          this.#onChange(change);
        },
        onMissed: () => {
          this.queryLink();
        },
        onEnd: () => {
          this.#subscription = undefined;
          this.#queryLater();
        },
      });
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (EXHAUSTED.has(code)) throw error;
      // A sandbox without netlink. While the link is not up, the follower queries it repeatedly.
      debug('%s: cannot follow the link: %s', this.#interfaceName, message);
    }
    this.setReferenced(this.#referenced);
    this.queryLink();
  }

  /** Starts to follow the link, after an error that suggests a change. Tries again later if no descriptor is free. */
  tryFollow(): void {
    try {
      this.follow();
    } catch {
      this.#queryLater();
    }
  }

  /** Whether waiting for a change keeps the process alive. */
  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    this.#subscription?.setReferenced(referenced);
    if (referenced) this.#timer?.ref();
    else this.#timer?.unref();
  }

  /** Runs some work after all earlier work. An exception becomes an uncaught exception. */
  enqueue(work: () => unknown): void {
    this.#pending++;
    this.#work = this.#work
      .then(() => (this.#closed ? undefined : work()))
      .catch(throwUncaught)
      .finally(() => this.#pending--);
  }

  /** Queries the current state of the link. Ignores the changes reported earlier, which are older. */
  queryLink(): void {
    this.enqueue(async () => {
      await this.#subscription?.drain();
      this.#generation++;
      await this.#query();
      if (this.#subscription === undefined && this.#state.link !== 'up') this.#queryLater();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
    await this.#subscription?.remove();
  }

  #onChange(change: LinkChange): void {
    // Nothing is queued on a link that was down, so 'up' needs no drain: report it before the frames that follow.
    if (change.link === 'up' && this.#pending === 0 && this.#state.endpoint?.index === change.index) {
      callListener(() => {
        this.#owner.onLink('up', change.at);
      });
      return;
    }
    const generation = this.#generation;
    this.enqueue(async () => {
      if (generation === this.#generation) await this.#apply(change);
    });
  }

  async #apply({ index, name, link, at }: LinkChange): Promise<void> {
    const own = this.#state.endpoint?.index;
    if (own === undefined) {
      const sameName = name === undefined || name === this.#interfaceName;
      if (sameName && link !== 'gone') this.#reopen();
      return;
    }
    if (own !== index) return;
    await this.#owner.drain();
    // Meanwhile the connection may have closed, or have opened another interface.
    if (!this.#closed && this.#state.endpoint?.index === own) this.#report(link, at);
  }

  async #query(): Promise<void> {
    for (;;) {
      const { endpoint } = this.#state;
      if (endpoint === undefined) {
        this.#reopen();
        return;
      }
      const link = endpoint.link();
      await this.#owner.drain();
      if (this.#closed) return;
      // The link or the interface may have changed during the drain: then query again.
      if (this.#state.endpoint === endpoint && endpoint.link() === link) {
        this.#report(link, timestampNow());
        return;
      }
    }
  }

  #report(link: Link, at: Timestamp): void {
    this.#waitMs = FIRST_QUERY_MS;
    this.#owner.onLink(link, at);
  }

  #reopen(): void {
    let willBeNotified = false;
    try {
      willBeNotified = this.#owner.reopen();
    } finally {
      if (this.#state.endpoint !== undefined) this.#onReopened();
    }
    // If the interface does not exist, netlink reports its creation; without netlink, queryLink() tries again later.
    if (!willBeNotified) this.#queryLater();
  }

  /** A recreated interface can have the index of the old one: changes reported until the next query do not count. */
  #onReopened(): void {
    this.#generation++;
    this.#waitMs = FIRST_QUERY_MS;
    this.queryLink();
  }

  #queryLater(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.tryFollow();
      this.queryLink();
    }, this.#waitMs);
    if (!this.#referenced) this.#timer.unref();
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_QUERY_MS);
  }
}
