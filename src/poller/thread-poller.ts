import { throwUncaught } from '../uncaught';
import type { PollRequest, RecordConsumer, Registration } from './consumer';
import type { SocketReport } from './messages';
import { Ring } from './ring';
import { PollerWorker } from './worker';

interface Entry {
  readonly id: number;
  readonly ring: Ring;
  readonly consumer: RecordConsumer;
  referenced: boolean;
  /** Set from the call of remove() on. */
  onRemoved: (() => void) | undefined;
  removal: Promise<void> | undefined;
  /** Settle the calls of drain(), by ticket. */
  readonly drains: Map<number, () => void>;
}

/**
 * The poller 'thread', from the side of the main thread: one thread for all sockets of this JavaScript thread. The
 * thread starts with the first socket and ends with the last.
 */
export class ThreadPoller {
  /** The poller of the next socket: undefined without a thread, or while the thread ends. */
  static #current: ThreadPoller | undefined;

  readonly #worker: PollerWorker;
  readonly #entries = new Map<number, Entry>();
  #nextId = 1;
  #nextTicket = 1;
  #turn: NodeJS.Immediate | undefined;

  private constructor() {
    this.#worker = new PollerWorker({
      onWake: () => {
        this.#consumeLater();
      },
      onReport: (report) => {
        this.#handle(report);
      },
      onExit: (failure) => {
        this.#end(failure);
      },
    });
  }

  /** What the thread has done so far. Undefined without a thread. */
  static get work(): PollerWorker['work'] | undefined {
    const poller = ThreadPoller.#current;
    return poller === undefined ? undefined : poller.#worker.work;
  }

  /**
   * Receives into a new ring. Removing the last socket also waits for the end of the thread.
   *
   * @throws {Error} if the thread cannot be started
   */
  static add(request: PollRequest, consumer: RecordConsumer): Registration {
    const ring = Ring.create(request.slots, request.layout);
    ThreadPoller.#current ??= new ThreadPoller();
    return ThreadPoller.#current.#add(request, ring, consumer);
  }

  #add({ fd, layout, sinceNs, coalesceMs }: PollRequest, ring: Ring, consumer: RecordConsumer): Registration {
    const entry: Entry = {
      id: this.#nextId++,
      ring,
      consumer,
      referenced: true,
      onRemoved: undefined,
      removal: undefined,
      drains: new Map(),
    };
    this.#entries.set(entry.id, entry);
    this.#worker.send({ kind: 'add', id: entry.id, fd, ring: ring.shared, layout, sinceNs, coalesceMs });
    this.#updateReferenced();
    return {
      setReferenced: (referenced) => {
        entry.referenced = referenced;
        this.#updateReferenced();
      },
      drain: () => this.#drain(entry),
      remove: () => (entry.removal ??= this.#remove(entry)),
    };
  }

  #drain(entry: Entry): Promise<void> {
    if (!this.#entries.has(entry.id)) return Promise.resolve();
    const ticket = this.#nextTicket++;
    const drained = new Promise<void>((resolve) => entry.drains.set(ticket, resolve));
    this.#worker.send({ kind: 'drain', id: entry.id, ticket });
    this.#updateReferenced();
    return drained;
  }

  async #remove(entry: Entry): Promise<void> {
    if (!this.#entries.has(entry.id)) return;
    // A process with nothing else to do stays until the promise is settled.
    entry.referenced = true;
    this.#updateReferenced();
    const removed = new Promise<void>((resolve) => {
      entry.onRemoved = resolve;
    });
    this.#worker.send({ kind: 'remove', id: entry.id });
    const last = [...this.#entries.values()].every((each) => !this.#listens(each));
    if (last && ThreadPoller.#current === this) {
      ThreadPoller.#current = undefined;
      this.#worker.send({ kind: 'stop' });
    }
    await removed;
    if (ThreadPoller.#current !== this) await this.#worker.exited;
  }

  #handle(report: SocketReport): void {
    const entry = this.#entries.get(report.id);
    if (entry === undefined) return;
    switch (report.kind) {
      case 'error':
        this.#consumeAll(entry);
        this.#guard(entry, () => {
          entry.consumer.onError(report.errno, report.monotonicNs, report.final);
        });
        break;
      case 'drained':
        this.#consumeAll(entry);
        entry.drains.get(report.ticket)?.();
        entry.drains.delete(report.ticket);
        this.#updateReferenced();
        break;
      case 'removed':
        this.#forget(entry);
        this.#updateReferenced();
        break;
    }
  }

  /** Gives every ring a turn. Records left after that wait until other work of the event loop has had its turn. */
  #consume(): void {
    this.#turn = undefined;
    let more = false;
    for (const entry of this.#entries.values()) {
      if (entry.ring.available > 0) more = this.#consumeOne(entry) || more;
    }
    if (!more) {
      // While there is more to consume, the thread need not wake anybody. Records that arrived since their ring was
      // checked above caused no wake-up, so all rings are checked again.
      this.#worker.allowWake();
      for (const entry of this.#entries.values()) {
        more ||= entry.ring.available > 0 && this.#listens(entry);
      }
    }
    if (more) this.#consumeLater();
  }

  /** Consumes all records that are in the ring now, but not those that arrive meanwhile, which may never end. */
  #consumeAll(entry: Entry): void {
    const { ring } = entry;
    const end = ring.produced;
    while (((end - ring.consumed) | 0) > 0 && this.#listens(entry)) {
      const before = ring.consumed;
      this.#consumeOne(entry);
      if (ring.consumed === before) break;
    }
    if (ring.available > 0 && this.#listens(entry)) this.#consumeLater();
  }

  #consumeLater(): void {
    // An immediate, because Node.js delivers up to 1000 messages in one go.
    this.#turn ??= setImmediate(() => {
      this.#consume();
    });
  }

  /** Returns true if the consumer wants to be called again. */
  #consumeOne(entry: Entry): boolean {
    if (!this.#listens(entry)) return false;
    let more = true; // Also after an exception.
    this.#guard(entry, () => {
      more = entry.consumer.onRecords(entry.ring);
    });
    if (entry.ring.resume()) this.#worker.wake();
    return more;
  }

  /** Calls a consumer unless it was removed. Its exception becomes uncaught: no record of any socket is lost. */
  #guard(entry: Entry, call: () => void): void {
    if (!this.#listens(entry)) return;
    try {
      call();
    } catch (error) {
      throwUncaught(error);
    }
  }

  #listens(entry: Entry): boolean {
    return entry.onRemoved === undefined;
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.id);
    for (const drained of entry.drains.values()) drained();
    entry.onRemoved?.();
  }

  /** The process stays alive while any socket is referenced, and while a drain() waits. */
  #updateReferenced(): void {
    const referenced = [...this.#entries.values()].some((entry) => entry.referenced || entry.drains.size > 0);
    if (referenced) this.#worker.setReferenced(true);
    else if (ThreadPoller.#current === this) this.#worker.setReferenced(false);
  }

  #end(failure: Error | undefined): void {
    if (ThreadPoller.#current === this) ThreadPoller.#current = undefined;
    const entries = [...this.#entries.values()];
    // Delivers what the thread has received before it ended.
    for (const entry of entries) this.#consumeAll(entry);
    clearImmediate(this.#turn);
    for (const entry of entries) this.#forget(entry);
    for (const entry of entries) {
      this.#guard(entry, () => {
        entry.consumer.onFailure(failure ?? new Error('The poller thread ended by itself'));
      });
    }
  }
}
