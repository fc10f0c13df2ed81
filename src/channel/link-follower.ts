import { debuglog } from 'node:util';
import type { PollerKind } from '../poller/kinds';
import { watchLinks } from '../interfaces';
import { timestampNow } from '../poller/timestamp';
import type { Timestamp } from '../timestamp';
import type { Link, LinkChange, LinkSubscription } from '../netlink/link';

const debug = debuglog('socketcan');

/** Wait before an interface is looked at again where nothing will tell of it, and the longest, in ms. */
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1000;

/** Codes of errors that pass: no descriptor or no memory left. */
const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** Whose link is followed. */
export interface Followed {
  /** The number of the interface it has open; undefined while it has none. */
  readonly index: number | undefined;
  /** What has been told of the link. */
  readonly link: Link;
  /** What the interface it has open is now, asked of the system. */
  look(): Link;
  /** Resolves when all frames that are queued now were delivered. */
  drain(): Promise<void>;
  /** The interface it has open is this now, and all that was queued before is delivered. */
  onLink(link: Link, at: Timestamp): void;
  /** Opens the interface if there is one of its name. False: there is one, but it cannot be opened now. */
  onReturn(): boolean;
}

/**
 * Follows what becomes of an interface, in one order and from one source, rtnetlink(7) or the virtual
 * bus: each change is told once, and after all frames that were queued ahead of it.
 */
export class LinkFollower {
  readonly #interfaceName: string;
  readonly #poller: PollerKind;
  readonly #followed: Followed;
  #subscription: LinkSubscription | undefined;
  #referenced = false;
  #closed = false;
  /** Changes are handled one after another: some of it takes a while. */
  #work: Promise<unknown> = Promise.resolve();
  #pending = 0;
  /** Changes reported before this number was raised are older than the last lookup. */
  #epoch = 0;
  /** An interface was opened and is not looked up yet: changes may be older than it, and are ignored. */
  #stale = false;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = FIRST_LOOK_MS;

  constructor(interfaceName: string, poller: PollerKind, followed: Followed) {
    this.#interfaceName = interfaceName;
    this.#poller = poller;
    this.#followed = followed;
  }

  /** Whether changes are told, so that errors of the socket need not be taken for them. */
  get isTold(): boolean {
    return this.#subscription !== undefined;
  }

  /** Begins to follow. @throws {SystemError} EMFILE, ... */
  follow(): void {
    if (this.#subscription !== undefined || this.#closed) return;
    try {
      this.#subscription = watchLinks(this.#interfaceName, this.#poller, {
        onLink: (change) => {
          this.#told(change);
        },
        onMissed: () => {
          this.look();
        },
        onEnd: () => {
          this.#subscription = undefined;
          this.#lookLater();
        },
      });
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (EXHAUSTED.has(code)) throw error;
      // A sandbox without netlink: the link is looked at in trouble, and until it is up again.
      debug('%s: cannot follow the link: %s', this.#interfaceName, message);
    }
    this.setReferenced(this.#referenced);
    this.look();
  }

  /** The socket says that the link is down, or gone: whoever is told of changes will hear of it. */
  trouble(): void {
    try {
      this.follow();
    } catch {
      this.#lookLater(); // No descriptor is left for it now.
    }
  }

  /** Whether the process stays alive for what will be told. */
  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    this.#subscription?.setReferenced(referenced);
    if (referenced) this.#timer?.ref();
    else this.#timer?.unref();
  }

  /** One piece of work after another; what a listener throws is its process's affair. */
  then(work: () => unknown): void {
    this.#pending++;
    this.#work = this.#work
      .then(() => (this.#closed ? undefined : work()))
      .catch(throwLater)
      .finally(() => this.#pending--);
  }

  /** Finds out what the link is now. What was told before is older than that, and forgotten. */
  look(): void {
    this.then(async () => {
      await this.#subscription?.drain();
      this.#epoch++;
      this.#stale = false;
      await this.#find();
      if (this.#subscription === undefined && this.#followed.link !== 'up') this.#lookLater();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#subscription?.remove();
  }

  #told(change: LinkChange): void {
    if (this.#stale) return;
    // Nothing is queued on a link that was down: this is told at once, before the frames that follow.
    if (change.link === 'up' && this.#pending === 0 && this.#followed.index === change.index) {
      try {
        this.#followed.onLink('up', change.at);
      } catch (error) {
        throwLater(error);
      }
      return;
    }
    const epoch = this.#epoch;
    this.then(async () => {
      if (epoch !== this.#epoch) return;
      const { index } = this.#followed;
      if (index === undefined) {
        const named = change.name === undefined || change.name === this.#interfaceName;
        if (named && change.link !== 'gone') this.#return();
      } else if (index === change.index) {
        await this.#followed.drain();
        // It may be closed by now, or have another one open.
        if (!this.#closed && this.#followed.index === index) this.#set(change.link, change.at);
      }
    });
  }

  async #find(): Promise<void> {
    for (;;) {
      const { index } = this.#followed;
      if (index === undefined) {
        this.#return();
        return;
      }
      const link = this.#followed.look();
      await this.#followed.drain();
      // What was queued before is told now; and the link may be another one, or the interface.
      if (this.#closed) return;
      if (this.#followed.index === index && this.#followed.look() === link) {
        this.#set(link, timestampNow());
        return;
      }
    }
  }

  #set(link: Link, at: Timestamp): void {
    this.#waitMs = FIRST_LOOK_MS;
    this.#followed.onLink(link, at);
  }

  #return(): void {
    let known = false;
    try {
      known = this.#followed.onReturn();
    } finally {
      if (this.#followed.index !== undefined) this.#opened();
    }
    // Where nothing reports that the interface is there, it is tried again later.
    if (!known || this.#subscription === undefined) this.#lookLater();
  }

  /**
   * An interface was opened. Changes reported before may belong to an older interface: one that is made
   * again can have the same index.
   */
  #opened(): void {
    this.#epoch++;
    this.#stale = true;
    this.look();
  }

  #lookLater(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.trouble();
      this.look();
    }, this.#waitMs);
    if (!this.#referenced) this.#timer.unref();
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_LOOK_MS);
  }
}

/** What a listener throws is uncaught. */
function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error as Error;
  });
}
