import { debuglog } from 'node:util';
import type { Clock } from '../clock';
import { ENETDOWN, ENODEV } from '../libc/errno';
import { systemError } from '../libc/errors';
import { sendSyscall } from '../libc/message';
import type { Link, LinkListener, LinkSubscription } from '../netlink/link';
import type { Registration } from '../poller/consumer';
import { receiveFrom, type PollerKind } from '../poller/kinds';
import { recordSize, type RecordLayout } from '../poller/record';
import type { Ring } from '../poller/ring';
import { timestampAt, timestampNow } from '../poller/timestamp';
import type { Timestamp } from '../timestamp';
import type { Endpoint, TimestampSource } from './endpoint';
import { FATAL, PAUSES } from './socket-errors';
import { LinkFollower, type LinkOwner } from './link-follower';

const debug = debuglog('socketcan:channel');

/** The size of a ring, in bytes. Long records have fewer slots, but at least two batches. */
const RING_SIZE = 512 * 1024;
const MIN_RING_SLOTS = 128;
/** The slots of a ring of short records: 1 s at 4000 frames/s. */
export const MAX_RING_SLOTS = 4096;

/** How to open an interface, and how to use it. */
export interface ConnectionOptions<E> {
  readonly interfaceName: string;
  readonly poller: PollerKind;
  readonly coalesceMs: number;
  /** Whether to wait for the interface after its removal, and to open it again. */
  readonly reopen: boolean;
  /** Opens the interface with the current options of the socket. @throws {SystemError} */
  open(): E;
  /** Subscribes to link changes. @throws {SystemError} */
  watchLinks(listener: LinkListener): LinkSubscription;
}

/** The socket of a connection. The connection calls none of these after {@link Connection.close}. */
export interface ConnectionListener {
  /** Consumes records of the ring. Returns true to be called again for the rest. */
  onRecords(ring: Ring): boolean;
  /** 'back': the interface exists again and is open. It is down until 'up'. */
  onChange(change: Link | 'back', at: Timestamp): void;
  /** Receiving failed once, and goes on. */
  onError(error: Error): void;
  /** The connection does not work any longer. The socket must close it. */
  onFailure(error: Error): void;
}

/** The number of slots in a ring of records with this layout, a power of two. */
export function ringSlots(layout: RecordLayout): number {
  const slots = 2 ** Math.floor(Math.log2(RING_SIZE / recordSize(layout)));
  return Math.min(MAX_RING_SLOTS, Math.max(MIN_RING_SLOTS, slots));
}

/**
 * The connection of a socket to its interface. It outlives the interface: after a removal it opens the interface by
 * name again, with the options that the socket has by then.
 *
 * A {@link LinkFollower} reports link changes. Errors of the socket (ENETDOWN, ENXIO) only start it: the kernel keeps
 * one pending error per socket and returns it to whichever call comes first.
 */
export class Connection<Outgoing, E extends Endpoint<Outgoing>> {
  readonly #options: ConnectionOptions<E>;
  readonly #listener: ConnectionListener;
  readonly #state: { endpoint: E | undefined; link: Link };
  readonly #follower: LinkFollower;
  #registration: Registration | undefined;
  /** The time of the last reported change (monotonic ns). */
  #changedNs = 0n;
  #receiving = false;
  /** Whether the user receives. Only then does the connection keep the process alive. */
  #wanted = false;
  #referenced = true;
  #closed = false;
  /** The drops of endpoints that are closed. */
  #earlierDrops = 0;
  #receiveBufferSize = 0;
  #timestamps: TimestampSource = 'software';
  /** Resolves when all earlier endpoints are closed. */
  #released: Promise<unknown> = Promise.resolve();

  /**
   * @param clock the timers of the retries; default: those of Node.js
   * @throws {SystemError} if the interface cannot be opened
   */
  constructor(options: ConnectionOptions<E>, listener: ConnectionListener, clock?: Clock) {
    this.#options = options;
    this.#listener = listener;
    this.#state = { endpoint: undefined, link: 'down' };
    if (this.#open().link() === 'up') this.#state.link = 'up';
    const owner: LinkOwner = {
      watchLinks: (each) => options.watchLinks(each),
      drain: () => this.drain(),
      onLink: (link, at) => {
        this.#setLink(link, at);
      },
      reopen: () => this.#reopen(),
    };
    this.#follower = new LinkFollower(options.interfaceName, this.#state, owner, clock);
  }

  get interfaceName(): string {
    return this.#options.interfaceName;
  }

  get link(): Link {
    return this.#state.link;
  }

  /** The receive buffer that the kernel granted when the interface was last opened, in bytes. */
  get receiveBufferSize(): number {
    return this.#receiveBufferSize;
  }

  /** The timestamps in use since the interface was last opened. */
  get timestamps(): TimestampSource {
    return this.#timestamps;
  }

  /** The open endpoint. Undefined while the interface is gone. */
  get endpoint(): E | undefined {
    return this.#state.endpoint;
  }

  /**
   * The number of messages that the kernel dropped since the connection was opened. It is correct at any time if the
   * system reports drops; otherwise 0.
   */
  get drops(): number {
    return this.#earlierDrops + (this.#state.endpoint?.drops() ?? 0);
  }

  /** Resolves when the listener has received everything that the kernel holds now. */
  drain(): Promise<void> {
    return this.#registration?.drain() ?? Promise.resolve();
  }

  /**
   * Starts to receive. Only close() ends it.
   *
   * @param wanted whether the user receives, which keeps the process alive
   * @throws {SystemError} EMFILE, ...
   */
  receive(wanted = true): void {
    if (this.#closed) return;
    if (!this.#receiving) {
      this.#follower.follow();
      this.#register();
      this.#receiving = true;
    }
    this.#wanted ||= wanted;
    this.#updateReferences();
  }

  /** Starts to follow the link. A connection that only sends needs no thread for it until a send fails. */
  watch(): void {
    this.#follower.follow();
  }

  /** Whether the process stays alive while the user receives. */
  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    this.#updateReferences();
  }

  /**
   * Sends without blocking. Returns the number of messages that the kernel accepted, or a negative error number:
   * -ENETDOWN while the link is down or the interface is gone.
   */
  send(outgoing: Outgoing, count: number): number {
    const { endpoint, link } = this.#state;
    if (endpoint === undefined) return -ENETDOWN;
    let result = endpoint.send(outgoing, count);
    // After a link went down and up again, the first send fails and clears the pending error.
    if (PAUSES.has(-result)) result = endpoint.send(outgoing, count);
    if (PAUSES.has(-result)) {
      this.#follower.tryFollow();
      return -ENETDOWN;
    }
    if (result > 0 && link === 'down' && !this.#follower.isFollowing) {
      const at = timestampNow();
      // Later, so that an exception in a listener does not look like a failed send.
      this.#follower.enqueue(() => {
        this.onTraffic(at);
      });
    }
    if (!FATAL.has(-result)) return result;
    const error = systemError(result, sendSyscall(count), { interface: this.interfaceName });
    const at = timestampNow();
    this.#follower.enqueue(async () => {
      await this.#registration?.drain();
      if (this.#state.endpoint === endpoint) this.#onInterfaceGone(error, at);
    });
    return this.#options.reopen ? -ENETDOWN : result;
  }

  /**
   * Traffic at this time shows that the link is up. It counts only without a source of link changes, because it must
   * not overtake the changes that such a source reports.
   */
  onTraffic(at: Timestamp): void {
    if (this.#state.link === 'down' && !this.#follower.isFollowing) this.#setLink('up', at);
  }

  /** Resolves when the thread has released all descriptors and they are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#release();
    await Promise.all([this.#released, this.#follower.close()]);
    debug('%s closed', this.interfaceName);
  }

  #open(): E {
    const endpoint = this.#options.open();
    this.#state.endpoint = endpoint;
    this.#receiveBufferSize = endpoint.receiveBufferSize;
    this.#timestamps = endpoint.timestamps;
    debug('%s opened, %s, fd %d', this.interfaceName, endpoint.link(), endpoint.fd);
    return endpoint;
  }

  #register(): void {
    const { endpoint } = this.#state;
    if (endpoint === undefined) return;
    const { fd, openedNs: sinceNs, layout } = endpoint;
    const { poller, coalesceMs } = this.#options;
    this.#registration = receiveFrom(
      poller,
      { fd, slots: ringSlots(layout), layout, sinceNs, coalesceMs },
      {
        onRecords: (ring) => this.#listener.onRecords(ring),
        onError: (errno, monotonicNs, final) => {
          this.#onReceiveError(errno, monotonicNs, final);
        },
        onFailure: (error) => {
          this.#listener.onFailure(error);
        },
      },
    );
  }

  /** Closes the endpoint, if one is open. */
  #release(): void {
    this.#earlierDrops = this.drops;
    const { endpoint } = this.#state;
    const registration = this.#registration;
    this.#state.endpoint = undefined;
    this.#registration = undefined;
    const before = this.#released;
    this.#released = (async () => {
      await Promise.all([before, registration?.remove()]);
      // Close it only now: its number could belong to another file at once, and the thread would read that file.
      endpoint?.close();
    })();
  }

  /** While the interface is gone, the follower keeps the process alive instead of the poller. */
  #updateReferences(): void {
    const keeps = this.#referenced && this.#wanted;
    this.#registration?.setReferenced(keeps);
    this.#follower.setReferenced(keeps && this.#registration === undefined);
  }

  #onReceiveError(errno: number, monotonicNs: bigint, final: boolean): void {
    if (PAUSES.has(errno) && !final) {
      this.#follower.tryFollow();
      return;
    }
    const error = systemError(-errno, 'recvmmsg', { interface: this.interfaceName });
    if (FATAL.has(errno)) this.#onInterfaceGone(error, timestampAt(monotonicNs));
    else if (final) this.#listener.onFailure(error);
    else this.#listener.onError(error);
  }

  #setLink(link: Link, at: Timestamp): void {
    if (link === 'gone') {
      const context = { interface: this.interfaceName, hint: 'the interface was removed' };
      this.#onInterfaceGone(systemError(-ENODEV, 'rtnetlink', context), at);
    } else if (link !== this.#state.link) {
      this.#state.link = link;
      this.#reportChange(link, at);
    }
  }

  /** Sources of changes differ by some us. Clamps their times, so that listeners never see time run backwards. */
  #reportChange(change: Link | 'back', at: Timestamp): void {
    const late = at.monotonicNs < this.#changedNs;
    if (!late) this.#changedNs = at.monotonicNs;
    debug('%s is %s', this.interfaceName, change);
    this.#listener.onChange(change, late ? timestampAt(this.#changedNs) : at);
  }

  /** The interface is gone. Its socket would not even receive from a new interface of the same name. */
  #onInterfaceGone(error: Error, at: Timestamp): void {
    if (this.#closed || this.#state.endpoint === undefined) return;
    this.#release();
    this.#state.link = 'gone';
    try {
      this.#reportChange('gone', at);
    } finally {
      if (this.#options.reopen) {
        this.#follower.tryFollow();
        this.#updateReferences();
        // The interface may exist again already, reported before this point.
        this.#follower.queryLink();
      } else this.#fail(error);
    }
  }

  /** Reports a failure, unless the listener has closed the connection meanwhile. */
  #fail(error: Error): void {
    if (!this.#closed) this.#listener.onFailure(error);
  }

  /** Opens the interface if it exists again. Returns false if a later attempt is needed without a notification. */
  #reopen(): boolean {
    if (this.#closed || this.#state.endpoint !== undefined) return true;
    try {
      this.#open();
      if (this.#receiving) this.#register();
    } catch (error) {
      this.#release();
      const { code, message } = error as NodeJS.ErrnoException;
      debug('%s cannot be opened again: %s', this.interfaceName, message);
      return code === 'ENODEV';
    }
    this.#updateReferences();
    this.#state.link = 'down';
    this.#reportChange('back', timestampNow());
    return true;
  }
}
