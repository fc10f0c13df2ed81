import { debuglog } from 'node:util';
import { IFF_UP } from '../libc/constants';
import { errorName } from '../libc/errors';
import { close } from '../libc/file';
import type { Registration } from '../poller/consumer';
import { receiveFrom, type PollerKind } from '../poller/kinds';
import { RECORD, type RecordLayout } from '../poller/record';
import type { Ring } from '../poller/ring';
import { timestampOf } from '../poller/timestamp';
import type { LinkListener, LinkSubscription } from './link';
import { NOTIFICATION_HEAD_SIZE, parseLinkMessage } from './link-message';
import { openLinkNotifications } from './route-socket';

const debug = debuglog('socketcan:netlink');

/** The size of the ring: one batch of the poller is enough, because interfaces rarely change. */
const RING_SLOTS = 64;

/** The poller keeps only the first bytes of a notification. */
const LINK_RECORD: RecordLayout = { packetSize: NOTIFICATION_HEAD_SIZE, trailer: false };

/**
 * Reports the changes of the interfaces of a network namespace to all sockets of this JavaScript thread.
 *
 * The poller receives the notifications of the kernel as it receives frames.
 */
export class LinkMonitor {
  /** One monitor per kind of poller, so that a socket without the thread does not start it for this. */
  static readonly #current = new Map<PollerKind, LinkMonitor>();

  readonly #poller: PollerKind;
  readonly #fd: number;
  readonly #registration: Registration;
  readonly #listeners = new Map<LinkListener, boolean>();

  private constructor(poller: PollerKind) {
    this.#poller = poller;
    this.#fd = openLinkNotifications();
    try {
      const sinceNs = process.hrtime.bigint();
      const request = { fd: this.#fd, slots: RING_SLOTS, layout: LINK_RECORD, sinceNs, coalesceMs: 0 };
      this.#registration = receiveFrom(poller, request, {
        onRecords: (ring) => {
          this.#consume(ring);
          return ring.available > 0;
        },
        onError: (errno, _monotonicNs, final) => {
          // ENOBUFS: the receive buffer was full.
          debug('notifications were lost: %s', errorName(errno));
          this.#reportLoss(final);
        },
        onFailure: () => {
          this.#reportLoss(true);
        },
      });
    } catch (error) {
      close(this.#fd);
      throw error;
    }
    this.#registration.setReferenced(false);
  }

  /** @throws {SystemError} without netlink, or without a free descriptor */
  static subscribe(poller: PollerKind, listener: LinkListener): LinkSubscription {
    const monitor = LinkMonitor.#current.get(poller) ?? new LinkMonitor(poller);
    LinkMonitor.#current.set(poller, monitor);
    return monitor.#add(listener);
  }

  #add(listener: LinkListener): LinkSubscription {
    this.#listeners.set(listener, false);
    return {
      drain: () => this.#registration.drain(),
      setReferenced: (referenced) => {
        if (!this.#listeners.has(listener)) return;
        this.#listeners.set(listener, referenced);
        this.#updateReference();
      },
      remove: () => this.#remove(listener),
    };
  }

  async #remove(listener: LinkListener): Promise<void> {
    if (!this.#listeners.delete(listener)) return;
    if (this.#listeners.size > 0) {
      this.#updateReference();
      return;
    }
    this.#retire();
    await this.#registration.remove();
    close(this.#fd);
  }

  /** Keeps the process alive while one listener requires it. */
  #updateReference(): void {
    this.#registration.setReferenced([...this.#listeners.values()].includes(true));
  }

  /** Reports the change in each record of the ring, and releases the records. */
  #consume(ring: Ring): void {
    const count = ring.available;
    let slot = ring.headSlot;
    for (let i = 0; i < count; i++, slot = ring.after(slot)) {
      const record = ring.offset(slot);
      const start = record + RECORD.packet;
      const length = ring.memory.words[(record + RECORD.length) >>> 2] as number;
      const message = parseLinkMessage(ring.memory.bytes.subarray(start, start + length));
      if (message === undefined) continue;
      const { index, name, kind, flags } = message;
      const link = kind === 'removed' ? 'gone' : (flags & IFF_UP) !== 0 ? 'up' : 'down';
      const change = { index, name, link, at: timestampOf(ring, record) } as const;
      debug('link %d (%s) is %s', index, name, link);
      for (const listener of this.#listeners.keys()) listener.onLink(change);
    }
    ring.release(count);
  }

  /** Makes the next subscriber create a new monitor. */
  #retire(): void {
    if (LinkMonitor.#current.get(this.#poller) === this) LinkMonitor.#current.delete(this.#poller);
  }

  /** @param final whether the poller has stopped reading the socket */
  #reportLoss(final: boolean): void {
    if (final) this.#retire();
    for (const listener of [...this.#listeners.keys()]) {
      if (!final) listener.onMissed();
      else {
        void this.#remove(listener);
        listener.onEnd();
      }
    }
  }
}
