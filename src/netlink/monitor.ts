import { debuglog } from 'node:util';
import {
  AF_NETLINK,
  IFF_UP,
  NETLINK_ROUTE,
  RTMGRP_LINK,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from '../libc/constants';
import { check } from '../libc/errors';
import { close } from '../libc/file';
import { host } from '../libc/layouts';
import { bind, setsockoptInt, socket } from '../libc/socket';
import { receiveFrom, type PollerKind } from '../poller/kinds';
import { RECORD, Ring } from '../poller/ring';
import type { Registration } from '../poller/sink';
import { parseLinkMessage } from './link-message';
import type { LinkListener, LinkSubscription } from './link';

const debug = debuglog('socketcan');

/** One batch of the poller: changes of links are few. */
const RING_SLOTS = 64;

/** 200 changes and more: a machine that renames all its interfaces in one go. */
const RECEIVE_BUFFER_SIZE = 512 * 1024;

/** A socket of rtnetlink(7) that is told of every change of an interface. Needs no privilege. */
function openNetlink(): number {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check(socket(AF_NETLINK, type, NETLINK_ROUTE), 'socket');
  try {
    setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_SIZE);
    const address = host.sockaddr_nl.make({ nl_family: AF_NETLINK, nl_groups: RTMGRP_LINK });
    check(bind(fd, address), 'bind');
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * Tells all sockets of this JavaScript thread what becomes of the interfaces of its network namespace.
 *
 * The kernel's messages are received by the poller like frames, the first 80 bytes of each:
 * header, index, flags and the name are there, and nothing else is asked for.
 */
export class LinkMonitor {
  /** One for each kind of poller that is in use: who wants no thread gets none for this. */
  static readonly #current = new Map<PollerKind, LinkMonitor>();

  readonly #poller: PollerKind;
  readonly #fd: number;
  readonly #registration: Registration;
  readonly #listeners = new Map<LinkListener, boolean>();

  /** @throws {SystemError} where there is no netlink, or no descriptor left */
  static subscribe(poller: PollerKind, listener: LinkListener): LinkSubscription {
    const monitor = LinkMonitor.#current.get(poller) ?? new LinkMonitor(poller);
    LinkMonitor.#current.set(poller, monitor);
    return monitor.#add(listener);
  }

  private constructor(poller: PollerKind) {
    this.#poller = poller;
    this.#fd = openNetlink();
    try {
      const sinceNs = process.hrtime.bigint();
      const reading = { fd: this.#fd, slots: RING_SLOTS, sinceNs, coalesceMs: 0 };
      this.#registration = receiveFrom(poller, reading, {
        onRecords: (ring) => {
          this.#read(ring);
          return ring.available > 0;
        },
        onFault: (errno, _monotonicNs, final) => {
          // ENOBUFS: there were more changes than the receive buffer holds.
          debug('changes of links were missed (error %d)', errno);
          this.#missed(final);
        },
        onFailure: () => {
          this.#missed(true);
        },
      });
    } catch (error) {
      close(this.#fd);
      throw error;
    }
    this.#registration.setReferenced(false);
  }

  #add(listener: LinkListener): LinkSubscription {
    this.#listeners.set(listener, false);
    return {
      drain: () => this.#registration.drain(),
      setReferenced: (referenced) => {
        if (!this.#listeners.has(listener)) return;
        this.#listeners.set(listener, referenced);
        this.#count();
      },
      remove: () => this.#remove(listener),
    };
  }

  async #remove(listener: LinkListener): Promise<void> {
    if (!this.#listeners.delete(listener)) return;
    if (this.#listeners.size > 0) {
      this.#count();
      return;
    }
    this.#retire();
    await this.#registration.remove();
    close(this.#fd);
  }

  /** The process stays as long as one listener wants it to. */
  #count(): void {
    this.#registration.setReferenced([...this.#listeners.values()].includes(true));
  }

  #read(ring: Ring): void {
    const count = ring.available;
    let slot = ring.headSlot;
    for (let i = 0; i < count; i++, slot = ring.after(slot)) {
      const at = Ring.offset(slot);
      const length = ring.memory.words[(at + RECORD.length) >>> 2] as number;
      const bytes = ring.memory.bytes.subarray(at, at + Math.min(length, RECORD.packetSize));
      const message = parseLinkMessage(bytes);
      if (message === undefined) continue;
      const { index, name, kind, flags } = message;
      const link = kind === 'removed' ? 'gone' : (flags & IFF_UP) !== 0 ? 'up' : 'down';
      const change = {
        index,
        name,
        link,
        at: {
          systemNs: ring.time(at, RECORD.system),
          monotonicNs: ring.time(at, RECORD.monotonic),
        },
      } as const;
      debug('link %d (%s) is %s', index, name, link);
      for (const listener of this.#listeners.keys()) listener.onLink(change);
    }
    ring.release(count);
  }

  /** Who comes next gets another monitor. */
  #retire(): void {
    if (LinkMonitor.#current.get(this.#poller) === this) LinkMonitor.#current.delete(this.#poller);
  }

  #missed(final: boolean): void {
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
