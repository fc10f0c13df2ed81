import { debuglog } from 'node:util';
import { ENETDOWN, ENODEV } from '../libc/errno';
import { systemError } from '../libc/errors';
import { receiveFrom, type PollerKind } from '../poller/kinds';
import type { Ring } from '../poller/ring';
import type { Registration } from '../poller/sink';
import type { Endpoint, EndpointOptions, OutgoingBatch } from '../raw/endpoint';
import { FATAL, PAUSES } from './faults';
import { LinkFollower } from './link-follower';
import type { Link } from '../netlink/link';
import { openEndpoint } from '../interfaces';
import { timestampAt, timestampNow } from '../poller/timestamp';
import type { Timestamp } from '../timestamp';

const debug = debuglog('socketcan');

/** Frames between the poller thread and this one, per socket: 1 s at 4000 frames/s, 0.5 MiB in all. */
const RING_SLOTS = 4096;

/** How a connection is used, for its whole life. */
export interface ConnectionUse {
  readonly poller: PollerKind;
  readonly coalesceMs: number;
  /** Whether to wait for an interface that has gone. */
  readonly reopen: boolean;
}

/** What a connection tells its socket. None is called after {@link Connection.close}. */
export interface ConnectionListener {
  /** Consumes what it likes of the ring; true when it wants to be called again for the rest. */
  onRecords(ring: Ring): boolean;
  /** 'back': there is an interface of this name again, and it has been opened; it is down until 'up'. */
  onChange(change: Link | 'back', at: Timestamp): void;
  /** Receiving has failed once, and goes on. */
  onError(error: Error): void;
  /** The connection is of no use any more; its owner closes it. */
  onFailure(error: Error): void;
}

/**
 * A socket's connection to its interface, which outlives the interface: what was opened by name is
 * opened by name again when the interface has gone and come back, with all options as they are then.
 *
 * What becomes of the link is told by a {@link LinkFollower}. The errors of the socket (ENETDOWN, ENXIO)
 * are a reason to follow it and no source: the kernel keeps one at a time, and gives it to whoever asks
 * first.
 */
export class Connection {
  readonly interfaceName: string;
  readonly #options: () => EndpointOptions;
  readonly #listener: ConnectionListener;
  readonly #use: ConnectionUse;
  readonly #follower: LinkFollower;
  #endpoint: Endpoint | undefined;
  #registration: Registration | undefined;
  #link: Link;
  /** When the last change that was told was, monotonic ns. */
  #toldNs = 0n;
  #receiving = false;
  /** It is the user who receives: then it keeps the process alive. */
  #wanted = false;
  #referenced = true;
  #closed = false;
  /** Drops of endpoints that are gone. */
  #drops = 0;
  #receiveBufferSize = 0;
  #timestamps: 'software' | 'hardware' = 'software';
  /** Endpoints on their way out. */
  #leaving: Promise<unknown> = Promise.resolve();

  /**
   * @param options as they are to be set whenever the interface is opened
   * @throws {SystemError}
   */
  constructor(interfaceName: string, options: () => EndpointOptions, use: ConnectionUse, listener: ConnectionListener) {
    this.interfaceName = interfaceName;
    this.#options = options;
    this.#use = use;
    this.#listener = listener;
    this.#link = this.#open().up ? 'up' : 'down';
    this.#follower = this.#makeFollower();
  }

  #makeFollower(): LinkFollower {
    const index = (): number | undefined => this.#endpoint?.index;
    const link = (): Link => this.#link;
    return new LinkFollower(this.interfaceName, this.#use.poller, {
      get index() {
        return index();
      },
      get link() {
        return link();
      },
      look: () => this.#endpoint?.link() ?? 'gone',
      drain: () => this.drain(),
      onLink: (link, at) => {
        this.#set(link, at);
      },
      onReturn: () => this.#return(),
    });
  }

  get link(): Link {
    return this.#link;
  }

  /** As granted, in bytes, when the interface was opened last. */
  get receiveBufferSize(): number {
    return this.#receiveBufferSize;
  }

  /** As had since the interface was opened last. */
  get timestamps(): 'software' | 'hardware' {
    return this.#timestamps;
  }

  /** What it is connected to now; undefined while the interface is gone. */
  get endpoint(): Endpoint | undefined {
    return this.#endpoint;
  }

  /**
   * Packets the kernel has dropped since the connection was first opened, right at any time where the
   * system can tell, 0 where it cannot.
   */
  get drops(): number {
    return this.#drops + (this.#endpoint?.drops() ?? 0);
  }

  /** Resolves when all that the kernel has received by now was given to the listener. */
  drain(): Promise<void> {
    return this.#registration?.drain() ?? Promise.resolve();
  }

  /**
   * Begins to receive, which cannot be ended but by closing.
   *
   * @param wanted whether it is the user who wants to: only then does it keep the process alive
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
    this.#count();
  }

  /** Begins to follow the link. A connection that only sends, and has no trouble, needs no thread for it. */
  watch(): void {
    this.#follower.follow();
  }

  /** Whether the process stays alive as long as this receives. */
  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    this.#count();
  }

  /**
   * Hands over what the kernel takes now. Returns the number of frames, or a negative error number;
   * while there is no interface, -ENETDOWN.
   */
  send(batch: OutgoingBatch, count: number): number {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return -ENETDOWN;
    let result = endpoint.send(batch, count);
    // The first send after a link went down and up again is refused, and clears the error.
    if (PAUSES.has(-result)) result = endpoint.send(batch, count);
    if (PAUSES.has(-result)) {
      this.#follower.trouble();
      return -ENETDOWN;
    }
    if (result > 0 && this.#link === 'down' && !this.#follower.isTold) {
      const at = timestampNow();
      // Not now: what a listener throws would look as if nothing had been sent.
      this.#follower.then(() => {
        this.traffic(at);
      });
    }
    if (!FATAL.has(-result)) return result;
    const error = systemError(result, 'sendmmsg', { interface: this.interfaceName });
    const at = timestampNow();
    this.#follower.then(async () => {
      await this.#registration?.drain();
      if (this.#endpoint === endpoint) this.#lose(error, at);
    });
    return this.#use.reopen ? -ENETDOWN : result;
  }

  /**
   * There was traffic at this time: where nobody tells what becomes of the link, it is seen to be up. Else
   * this must not overtake what is being told.
   */
  traffic(at: Timestamp): void {
    if (this.#link === 'down' && !this.#follower.isTold) this.#set('up', at);
  }

  /** Resolves when the thread has let go of all descriptors and they are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#leave();
    await Promise.all([this.#leaving, this.#follower.close()]);
    debug('%s closed', this.interfaceName);
  }

  #open(): Endpoint {
    const endpoint = openEndpoint(this.interfaceName, this.#options());
    this.#endpoint = endpoint;
    this.#receiveBufferSize = endpoint.receiveBufferSize;
    this.#timestamps = endpoint.timestamps;
    debug('%s opened, %s, fd %d', this.interfaceName, endpoint.link(), endpoint.fd);
    return endpoint;
  }

  #register(): void {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return;
    const { fd, openedNs: sinceNs } = endpoint;
    const { poller, coalesceMs } = this.#use;
    const reading = { fd, slots: RING_SLOTS, sinceNs, coalesceMs };
    this.#registration = receiveFrom(poller, reading, {
      onRecords: (ring) => this.#listener.onRecords(ring),
      onFault: (errno, monotonicNs, final) => {
        this.#fault(errno, monotonicNs, final);
      },
      onFailure: (error) => {
        this.#listener.onFailure(error);
      },
    });
  }

  /** Lets go of the endpoint. */
  #leave(): void {
    this.#drops = this.drops;
    const endpoint = this.#endpoint;
    const registration = this.#registration;
    this.#endpoint = undefined;
    this.#registration = undefined;
    const before = this.#leaving;
    this.#leaving = (async () => {
      await Promise.all([before, registration?.remove()]);
      // Not before: the number is given to the next file at once, and the thread would read that.
      endpoint?.close();
    })();
  }

  /** While the interface is gone there is nothing to receive from: what is waited for is its return. */
  #count(): void {
    const keeps = this.#referenced && this.#wanted;
    this.#registration?.setReferenced(keeps);
    this.#follower.setReferenced(keeps && this.#registration === undefined);
  }

  #fault(errno: number, monotonicNs: bigint, final: boolean): void {
    if (PAUSES.has(errno) && !final) {
      this.#follower.trouble();
      return;
    }
    const error = systemError(-errno, 'recvmmsg', { interface: this.interfaceName });
    if (FATAL.has(errno)) this.#lose(error, timestampAt(monotonicNs));
    else if (final) this.#listener.onFailure(error);
    else this.#listener.onError(error);
  }

  #set(link: Link, at: Timestamp): void {
    if (link === 'gone') {
      this.#lose(systemError(-ENODEV, 'recvmmsg', { interface: this.interfaceName }), at);
    } else if (link !== this.#link) {
      this.#link = link;
      this.#tell(link, at);
    }
  }

  /** Sources differ by some us in when a change was; those that hear of it see time go forward only. */
  #tell(change: Link | 'back', at: Timestamp): void {
    const late = at.monotonicNs < this.#toldNs;
    if (!late) this.#toldNs = at.monotonicNs;
    debug('%s is %s', this.interfaceName, change);
    this.#listener.onChange(change, late ? timestampAt(this.#toldNs) : at);
  }

  /** The interface is gone, and the socket with it: it would be deaf even to a new one of the same name. */
  #lose(error: Error, at: Timestamp): void {
    if (this.#closed || this.#endpoint === undefined) return;
    this.#leave();
    this.#link = 'gone';
    try {
      this.#tell('gone', at);
    } finally {
      if (this.#use.reopen) {
        this.#follower.trouble();
        this.#count();
        // It may be back already, and all that was told of that is past.
        this.#follower.look();
      } else this.#listener.onFailure(error);
    }
  }

  /** Opens the interface anew, if it is there. False: it is not known when to try again. */
  #return(): boolean {
    if (this.#closed || this.#endpoint !== undefined) return true;
    try {
      this.#open();
      if (this.#receiving) this.#register();
    } catch (error) {
      this.#leave();
      const { code, message } = error as NodeJS.ErrnoException;
      debug('%s cannot be opened again: %s', this.interfaceName, message);
      return code === 'ENODEV';
    }
    this.#count();
    this.#link = 'down';
    this.#tell('back', timestampNow());
    return true;
  }
}
