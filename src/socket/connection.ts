import { debuglog } from 'node:util';
import { ENETDOWN, ENODEV, systemError } from '../libc';
import { Poller, type Registration, type Ring } from '../poller';
import type { Endpoint, EndpointOptions, OutgoingBatch } from './endpoint';
import { FATAL, PAUSES } from './faults';
import type { Link, LinkChange, LinkSubscription } from './link/watch';
import { openEndpoint, watchLinks } from './open';
import { timestampAt, timestampNow, type Timestamp } from './timestamp';

const debug = debuglog('socketcan');

/** Frames between the poller thread and this one, per socket: 1 s at 4000 frames/s, 0.5 MiB in all. */
const RING_SLOTS = 4096;

/** Wait before an interface is looked at again where nothing will tell of it, and the longest, in ms. */
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1000;

/** Codes of errors that pass: no descriptor or no memory left. */
const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

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
 * What becomes of the link is known from one source only, rtnetlink or the virtual bus, so that each
 * change is told once and in order. Before a change is told, all frames that were queued ahead of it
 * are. The errors of sockets (ENETDOWN, ENXIO) are a reason to look, not a source: the kernel keeps one
 * at a time, and gives it to whoever asks first.
 */
export class Connection {
  readonly interfaceName: string;
  readonly #options: () => EndpointOptions;
  readonly #listener: ConnectionListener;
  readonly #reopen: boolean;
  #endpoint: Endpoint | undefined;
  #registration: Registration | undefined;
  #subscription: LinkSubscription | undefined;
  #link: Link;
  #receiving = false;
  #referenced = true;
  #closed = false;
  /** Drops of endpoints that are gone. */
  #drops = 0;
  #receiveBufferSize = 0;
  #timestamps: 'software' | 'hardware' = 'software';
  /** Changes are handled one after another: some of it takes a while. */
  #work: Promise<unknown> = Promise.resolve();
  #pending = 0;
  /** When the last change that was told was, monotonic ns. */
  #toldNs = 0n;
  /** Endpoints on their way out. */
  #leaving: Promise<unknown> = Promise.resolve();
  /** Changes told before this number was raised are older than what was looked up since. */
  #epoch = 0;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = FIRST_LOOK_MS;

  /**
   * @param options as they are to be set whenever the interface is opened
   * @param reopen whether to wait for an interface that has gone
   * @throws {SystemError}
   */
  constructor(
    interfaceName: string,
    options: () => EndpointOptions,
    reopen: boolean,
    listener: ConnectionListener,
  ) {
    this.interfaceName = interfaceName;
    this.#options = options;
    this.#reopen = reopen;
    this.#listener = listener;
    this.#link = this.#open().up ? 'up' : 'down';
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

  /** Begins to receive, which cannot be ended but by closing. */
  receive(): void {
    if (this.#receiving || this.#closed) return;
    this.watch();
    this.#receiving = true;
    try {
      this.#register();
    } catch (error) {
      this.#receiving = false;
      throw error;
    }
  }

  /** Begins to follow the link. A connection that only sends, and has no trouble, needs no thread for it. */
  watch(): void {
    if (this.#subscription !== undefined || this.#closed) return;
    try {
      this.#subscription = watchLinks(this.interfaceName, {
        onLink: (change) => {
          this.#told(change);
        },
        onMissed: () => {
          this.#look();
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
      debug('%s: cannot follow the link: %s', this.interfaceName, message);
    }
    this.#count();
    this.#look();
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
      this.#trouble();
      return -ENETDOWN;
    }
    if (result > 0 && this.#link === 'down' && this.#subscription === undefined) {
      const at = timestampNow();
      // Not now: what a listener throws would look as if nothing had been sent.
      this.#then(() => {
        this.traffic(at);
      });
    }
    if (!FATAL.has(-result)) return result;
    const error = systemError(result, 'sendmmsg', { interface: this.interfaceName });
    const at = timestampNow();
    this.#then(async () => {
      await this.#registration?.drain();
      if (this.#endpoint === endpoint) this.#lose(error, at);
    });
    return this.#reopen ? -ENETDOWN : result;
  }

  /**
   * There was traffic at this time: where nobody tells what becomes of the link, it is seen to be up. Else
   * this must not overtake what is being told.
   */
  traffic(at: Timestamp): void {
    if (this.#link === 'down' && this.#subscription === undefined) this.#become('up', at);
  }

  /** Resolves when the thread has let go of all descriptors and they are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#leave();
    await Promise.all([this.#leaving, this.#subscription?.remove()]);
    debug('%s closed', this.interfaceName);
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
    if (!this.#receiving || endpoint === undefined) return;
    this.#registration = Poller.add(endpoint.fd, RING_SLOTS, endpoint.openedNs, {
      onRecords: (ring) => this.#listener.onRecords(ring),
      onFault: (errno, monotonicNs, final) => {
        this.#fault(errno, monotonicNs, final);
      },
      onFailure: (error) => {
        this.#listener.onFailure(error);
      },
    });
    this.#count();
  }

  /** While the interface is gone there is nothing to receive from: what is waited for is its return. */
  #count(): void {
    const keeps = this.#referenced && this.#receiving;
    this.#registration?.setReferenced(keeps);
    this.#subscription?.setReferenced(keeps && this.#registration === undefined);
  }

  #fault(errno: number, monotonicNs: bigint, final: boolean): void {
    if (PAUSES.has(errno) && !final) {
      this.#trouble();
      return;
    }
    const error = systemError(-errno, 'recvmmsg', { interface: this.interfaceName });
    if (FATAL.has(errno)) this.#lose(error, timestampAt(monotonicNs));
    else if (final) this.#listener.onFailure(error);
    else this.#listener.onError(error);
  }

  /** The link is said to be down: whoever follows it hears of that anyway. */
  #trouble(): void {
    if (this.#subscription !== undefined || this.#closed) return;
    try {
      this.watch();
    } catch {
      this.#lookLater(); // No descriptor is left for it now.
    }
  }

  /** One piece of work after another; what a listener throws is its process's affair. */
  #then(work: () => unknown): void {
    this.#pending++;
    this.#work = this.#work
      .then(() => (this.#closed ? undefined : work()))
      .catch(throwLater)
      .finally(() => this.#pending--);
  }

  #told(change: LinkChange): void {
    // Nothing is queued on a link that was down: this is told at once, before the frames that follow.
    if (change.link === 'up' && this.#pending === 0 && this.#endpoint?.index === change.index) {
      try {
        this.#set('up', change.at);
      } catch (error) {
        throwLater(error);
      }
      return;
    }
    const epoch = this.#epoch;
    this.#then(async () => {
      if (epoch !== this.#epoch) return;
      if (this.#endpoint === undefined) {
        const named = change.name === undefined || change.name === this.interfaceName;
        if (named && change.link !== 'gone') this.#return();
      } else if (this.#endpoint.index === change.index) {
        const endpoint = this.#endpoint;
        await this.#registration?.drain();
        // It may be closed by now, or be another one.
        if (!this.#closed && this.#endpoint === endpoint) this.#set(change.link, change.at);
      }
    });
  }

  /** Finds out what the link is now. What was told before is older than that, and forgotten. */
  #look(): void {
    this.#then(async () => {
      await this.#subscription?.drain();
      this.#epoch++;
      await this.#find();
      if (this.#subscription === undefined && this.#link !== 'up') this.#lookLater();
    });
  }

  async #find(): Promise<void> {
    for (;;) {
      const endpoint = this.#endpoint;
      if (endpoint === undefined) {
        this.#return();
        return;
      }
      const link = endpoint.link();
      await this.#registration?.drain();
      if (this.#closed) return;
      // What was queued before is told now; and the link may be another one, or the endpoint.
      if (this.#endpoint === endpoint && endpoint.link() === link) {
        this.#set(link, timestampNow());
        return;
      }
    }
  }

  #lookLater(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#trouble();
      this.#look();
    }, this.#waitMs);
    if (!this.#referenced || !this.#receiving) this.#timer.unref();
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_LOOK_MS);
  }

  /** The link is now as given, and all that was queued before is told. */
  #set(link: Link, at: Timestamp): void {
    if (link === 'gone') {
      this.#lose(systemError(-ENODEV, 'recvmmsg', { interface: this.interfaceName }), at);
    } else if (link !== this.#link) this.#become(link, at);
  }

  #become(link: 'up' | 'down', at: Timestamp): void {
    this.#link = link;
    this.#waitMs = FIRST_LOOK_MS;
    debug('%s is %s', this.interfaceName, link);
    this.#tell(link, at);
  }

  /** Sources differ by some us in when a change was; those that hear of it see time go forward only. */
  #tell(change: Link | 'back', at: Timestamp): void {
    const late = at.monotonicNs < this.#toldNs;
    if (!late) this.#toldNs = at.monotonicNs;
    this.#listener.onChange(change, late ? timestampAt(this.#toldNs) : at);
  }

  /** The interface is gone, and the socket with it: it would be deaf even to a new one of the same name. */
  #lose(error: Error, at: Timestamp): void {
    if (this.#closed || this.#endpoint === undefined) return;
    this.#leave();
    this.#link = 'gone';
    debug('%s is gone', this.interfaceName);
    try {
      this.#tell('gone', at);
    } finally {
      if (this.#reopen) {
        this.#trouble();
        this.#count();
        // It may be back already, and all that was told of that is past.
        this.#look();
      } else this.#listener.onFailure(error);
    }
  }

  /** Opens the interface anew, if it is there. */
  #return(): void {
    if (this.#closed || this.#endpoint !== undefined) return;
    try {
      this.#open();
      this.#register();
    } catch (error) {
      this.#leave();
      const { code, message } = error as NodeJS.ErrnoException;
      debug('%s cannot be opened again: %s', this.interfaceName, message);
      // ENODEV: not there yet, of which we shall be told. Else nothing will tell us when to try again.
      if (code !== 'ENODEV' || this.#subscription === undefined) this.#lookLater();
      return;
    }
    this.#link = 'down';
    try {
      this.#tell('back', timestampNow());
    } finally {
      // What has been told of the interface so far may be older than this.
      this.#look();
    }
  }
}

/** What a listener throws is uncaught, and its process's affair. */
function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error as Error;
  });
}
