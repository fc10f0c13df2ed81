import type { PollRequest, RecordConsumer, Registration } from './consumer';
import { ConsumerSide } from './consumer-side';
import type { SocketReport } from './messages';
import { Ring } from './ring';
import { PollerWorker, type ThreadCounters } from './worker';

/** The main thread's side of one socket, which empties its ring. */
interface ConsumerEntry {
  readonly id: number;
  readonly side: ConsumerSide;
  referenced: boolean;
  /** Settles `removal`. */
  onRemoved: (() => void) | undefined;
  removal: Promise<void> | undefined;
}

/**
 * The poller 'thread', from the side of the main thread: one thread for all sockets of this JavaScript thread. The
 * thread starts with the first socket and ends with the last.
 */
export class ThreadPoller {
  /** The poller for the next socket. Undefined without a thread, and while the thread ends. */
  static #current: ThreadPoller | undefined;

  readonly #worker: PollerWorker;
  readonly #entries = new Map<number, ConsumerEntry>();
  #nextId = 1;
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

  /** The counters of the thread. Undefined without a thread. */
  static get counters(): ThreadCounters | undefined {
    const poller = ThreadPoller.#current;
    return poller === undefined ? undefined : poller.#worker.counters;
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
    const side = new ConsumerSide(ring, consumer, () => {
      this.#worker.wake();
    });
    const entry: ConsumerEntry = {
      id: this.#nextId++,
      side,
      referenced: true,
      onRemoved: undefined,
      removal: undefined,
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

  #drain({ id, side }: ConsumerEntry): Promise<void> {
    if (!this.#entries.has(id)) return Promise.resolve();
    const drained = side.drain((ticket) => {
      this.#worker.send({ kind: 'drain', id, ticket });
    });
    this.#updateReferenced();
    return drained;
  }

  async #remove(entry: ConsumerEntry): Promise<void> {
    if (!this.#entries.has(entry.id)) return;
    // A process with nothing else to do stays until the promise is settled.
    entry.referenced = true;
    this.#updateReferenced();
    const removed = new Promise<void>((resolve) => {
      entry.onRemoved = resolve;
    });
    entry.side.stop();
    this.#worker.send({ kind: 'remove', id: entry.id });
    const last = [...this.#entries.values()].every(({ side }) => side.stopped);
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
    const { side } = entry;
    switch (report.kind) {
      case 'error':
        side.reportError(report.errno, report.monotonicNs, report.final);
        break;
      case 'drained':
        side.settle(report.ticket);
        break;
      case 'removed':
        this.#forget(entry);
        break;
    }
    if (side.hasRecords()) this.#consumeLater();
    this.#updateReferenced();
  }

  /** Gives every ring a turn. Records left after that wait until other work of the event loop has had its turn. */
  #consume(): void {
    this.#turn = undefined;
    let more = false;
    for (const { side } of this.#entries.values()) {
      if (side.hasRecords()) more = side.consume() || more;
    }
    if (!more) {
      // While there is more to consume, the thread need not wake anybody. Records that arrived since their ring was
      // checked above caused no wake-up, so all rings are checked again.
      this.#worker.allowWake();
      more = [...this.#entries.values()].some(({ side }) => side.hasRecords());
    }
    if (more) this.#consumeLater();
  }

  #consumeLater(): void {
    // An immediate, because Node.js delivers up to 1000 messages in one go.
    this.#turn ??= setImmediate(() => {
      this.#consume();
    });
  }

  #forget(entry: ConsumerEntry): void {
    this.#entries.delete(entry.id);
    entry.side.settleAll();
    entry.onRemoved?.();
  }

  /** The process stays alive while any socket is referenced, and while a call of drain() waits. */
  #updateReferenced(): void {
    const referenced = [...this.#entries.values()].some((entry) => entry.referenced || entry.side.draining);
    if (referenced) this.#worker.setReferenced(true);
    else if (ThreadPoller.#current === this) this.#worker.setReferenced(false);
  }

  #end(failure: Error | undefined): void {
    if (ThreadPoller.#current === this) ThreadPoller.#current = undefined;
    const entries = [...this.#entries.values()];
    // Delivers what the thread has received before it ended.
    for (const { side } of entries) side.consumeAll();
    clearImmediate(this.#turn);
    for (const entry of entries) this.#forget(entry);
    for (const { side } of entries) side.reportFailure(failure ?? new Error('The poller thread ended by itself'));
  }
}
