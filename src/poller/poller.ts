import { extname, join } from 'node:path';
import { debuglog } from 'node:util';
import { isMainThread, Worker } from 'node:worker_threads';
import { EFD_CLOEXEC, EFD_NONBLOCK } from '../libc/constants';
import { check } from '../libc/errors';
import { eventfd, post } from '../libc/eventfd';
import { close } from '../libc/file';
import { canWatch } from '../libc/readable';
import { Bell } from './bell';
import { Ring } from './ring';
import type { Reading, Registration, Sink } from './sink';
import { Shared, type Command, type Report, type ThreadData } from './messages';

const debug = debuglog('socketcan');

/**
 * The longest the exit hook waits for a thread that is still starting, in ms. Measured: 60, in a slow guest 600, next
 * to busy processes more than 5000. An end before that aborts the process. Only a thread that fails to start at all
 * takes this long.
 */
const EXIT_PATIENCE_MS = 30_000;

/** @throws what Worker throws at once */
function startThread(workerData: ThreadData): Worker {
  const extension = extname(__filename);
  return new Worker(join(__dirname, `thread${extension}`), {
    name: 'socketcan',
    workerData,
    trackUnmanagedFds: false,
    // Loaders and hooks of the user's command line are no business of this thread; run from
    // source, it needs ours.
    execArgv: extension === '.js' ? [] : process.execArgv,
  });
}

interface Entry {
  readonly id: number;
  readonly ring: Ring;
  readonly sink: Sink;
  referenced: boolean;
  removed: (() => void) | undefined;
  removal: Promise<void> | undefined;
  /** What waits for the socket to be empty, by ticket. */
  readonly drains: Map<number, () => void>;
}

/**
 * The main thread's side of the poller: one thread for all sockets of this JavaScript thread. It
 * starts with the first socket and ends with the last, and only ever by being told:
 * Worker.terminate() can hit it between two instructions of a foreign function call.
 */
export class Poller {
  static #current: Poller | undefined;
  static readonly #alive = new Set<Poller>();

  readonly #control: number;
  /**
   * Undefined where the event loop cannot watch a descriptor, and in a worker thread, since one that is ended by
   * terminate() while its event loop watches aborts the process: there the thread sends a message.
   */
  readonly #bell: Bell | undefined;
  readonly #flags: Int32Array;
  readonly #worker: Worker;
  readonly #gone: Promise<void>;
  readonly #entries = new Map<number, Entry>();
  #nextId = 1;
  #nextTicket = 1;
  #again: NodeJS.Immediate | undefined;

  /** Receives into a ring of its own; its removal is done when the last one's thread is gone. */
  static add(reading: Reading, sink: Sink): Registration {
    const ring = Ring.create(reading.slots);
    Poller.#current ??= new Poller();
    return Poller.#current.#add(reading, ring, sink);
  }

  /** What the thread has done so far; undefined when there is none. */
  static get work(): { polls: number; reads: number; wakes: number } | undefined {
    const poller = Poller.#current;
    if (poller === undefined) return undefined;
    const count = (index: number): number => Atomics.load(poller.#flags, index) >>> 0;
    return {
      polls: count(Shared.polls),
      reads: count(Shared.reads),
      wakes: count(Shared.wakes),
    };
  }

  private constructor() {
    this.#control = check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), 'eventfd');
    const shared = new SharedArrayBuffer(Shared.length * Int32Array.BYTES_PER_ELEMENT);
    this.#flags = new Int32Array(shared);
    try {
      const onRing = (): void => {
        this.#consumeLater();
      };
      this.#bell = isMainThread && canWatch() ? new Bell(onRing) : undefined;
      this.#worker = startThread({ control: this.#control, bell: this.#bell?.fd, shared });
    } catch (error) {
      this.#closeDescriptors();
      throw error;
    }
    this.#worker.on('message', (report: Report) => {
      this.#hear(report);
    });
    let failure: Error | undefined;
    this.#worker.on('error', (error) => {
      failure = error;
    });
    this.#gone = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#end(failure);
        resolve();
      });
    });
    if (Poller.#alive.size === 0) process.on('exit', Poller.#exitHook);
    Poller.#alive.add(this);
    debug('poller thread %d started', this.#worker.threadId);
  }

  /**
   * process.exit() joins the thread, which would sit in poll(2), and a thread joined while it loads
   * koffi aborts the process: it is told to end, after it has started.
   */
  static readonly #exitHook = (): void => {
    for (const poller of Poller.#alive) {
      Atomics.store(poller.#flags, Shared.stop, 1);
      post(poller.#control);
    }
    for (const poller of Poller.#alive) {
      Atomics.wait(poller.#flags, Shared.ready, 0, EXIT_PATIENCE_MS);
    }
  };

  #add({ fd, sinceNs, coalesceMs }: Reading, ring: Ring, sink: Sink): Registration {
    const entry: Entry = {
      id: this.#nextId++,
      ring,
      sink,
      referenced: true,
      removed: undefined,
      removal: undefined,
      drains: new Map(),
    };
    this.#entries.set(entry.id, entry);
    this.#tell({ kind: 'add', id: entry.id, fd, ring: ring.shared, sinceNs, coalesceMs });
    this.#count();
    return {
      setReferenced: (referenced) => {
        entry.referenced = referenced;
        this.#count();
      },
      drain: () => this.#drain(entry),
      remove: () => (entry.removal ??= this.#remove(entry)),
    };
  }

  #drain(entry: Entry): Promise<void> {
    if (!this.#entries.has(entry.id)) return Promise.resolve();
    const ticket = this.#nextTicket++;
    const drained = new Promise<void>((resolve) => entry.drains.set(ticket, resolve));
    this.#tell({ kind: 'drain', id: entry.id, ticket });
    this.#count();
    return drained;
  }

  async #remove(entry: Entry): Promise<void> {
    if (!this.#entries.has(entry.id)) return;
    // A process with nothing else to do stays until the promise is settled.
    entry.referenced = true;
    this.#count();
    const removed = new Promise<void>((resolve) => {
      entry.removed = resolve;
    });
    this.#tell({ kind: 'remove', id: entry.id });
    const last = [...this.#entries.values()].every((each) => each.removed !== undefined);
    if (last && Poller.#current === this) {
      Poller.#current = undefined;
      this.#tell({ kind: 'stop' });
    }
    await removed;
    if (Poller.#current !== this) await this.#gone;
  }

  #tell(command: Command): void {
    this.#worker.postMessage(command);
    post(this.#control);
  }

  #hear(report: Report): void {
    switch (report.kind) {
      case 'ready':
        break;
      case 'wake':
        // Node hands out up to 1000 messages in one go: the loop has its own turn first.
        this.#consumeLater();
        break;
      case 'fault': {
        const entry = this.#entries.get(report.id);
        if (entry === undefined || !this.#listens(entry)) break;
        try {
          this.#consumeAll(entry);
        } finally {
          // Neither a listener that throws over a frame may cost the fault, nor one that removes hear of it.
          if (this.#listens(entry)) {
            entry.sink.onFault(report.errno, report.monotonicNs, report.final);
          }
        }
        break;
      }
      case 'drained': {
        const entry = this.#entries.get(report.id);
        if (entry === undefined) break;
        try {
          this.#consumeAll(entry);
        } finally {
          entry.drains.get(report.ticket)?.();
          entry.drains.delete(report.ticket);
          this.#count();
        }
        break;
      }
      case 'removed': {
        const entry = this.#entries.get(report.id);
        if (entry !== undefined) this.#forget(entry);
        this.#count();
        break;
      }
    }
  }

  /** A turn for every ring; what is left after it waits until other work of the loop has had its turn. */
  #consume(): void {
    this.#again = undefined;
    let more = false;
    try {
      for (const entry of this.#entries.values()) {
        if (entry.ring.available > 0) more = this.#consumeOne(entry) || more;
      }
    } catch (error) {
      // A listener's own exception is its process's affair, but it must not cost the next frames.
      more = true;
      throw error;
    } finally {
      if (!more) {
        // Up as long as there is something to do, in which time the thread need not wake anybody. What has
        // come since its ring was looked at has brought no wake.
        Atomics.store(this.#flags, Shared.wake, 0);
        for (const entry of this.#entries.values()) {
          more ||= entry.ring.available > 0 && this.#listens(entry);
        }
      }
      if (more) this.#consumeLater();
    }
  }

  /**
   * All that is in the ring now, and not what comes while a listener works: that could go on for ever. What
   * a listener throws must not cost what follows its frames.
   */
  #consumeAll(entry: Entry): void {
    const { ring } = entry;
    const end = ring.produced;
    while (((end - ring.consumed) | 0) > 0 && this.#listens(entry)) {
      const before = ring.consumed;
      try {
        this.#consumeOne(entry);
      } catch (error) {
        queueMicrotask(() => {
          throw error as Error;
        });
      }
      if (ring.consumed === before) break;
    }
    if (ring.available > 0) this.#consumeLater();
  }

  #consumeLater(): void {
    this.#again ??= setImmediate(() => {
      this.#consume();
    });
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.id);
    for (const drained of entry.drains.values()) drained();
    entry.removed?.();
  }

  #listens(entry: Entry): boolean {
    return entry.removed === undefined;
  }

  #consumeOne(entry: Entry): boolean {
    if (!this.#listens(entry)) return false;
    try {
      return entry.sink.onRecords(entry.ring);
    } finally {
      if (entry.ring.resume()) post(this.#control);
    }
  }

  /** The process lives as long as one socket wants it to, and while someone waits for one to be empty. */
  #count(): void {
    const referenced = [...this.#entries.values()].some((entry) => entry.referenced || entry.drains.size > 0);
    if (referenced) this.#worker.ref();
    else if (Poller.#current === this) this.#worker.unref();
  }

  #closeDescriptors(): void {
    close(this.#control);
    this.#bell?.close();
  }

  #end(failure: Error | undefined): void {
    if (Poller.#current === this) Poller.#current = undefined;
    Poller.#alive.delete(this);
    if (Poller.#alive.size === 0) process.off('exit', Poller.#exitHook);
    const entries = [...this.#entries.values()];
    // What it has received before it ended is not lost.
    for (const entry of entries) if (this.#listens(entry)) this.#consumeAll(entry);
    this.#closeDescriptors();
    clearImmediate(this.#again);
    debug('poller thread ended');
    for (const entry of entries) this.#forget(entry);
    for (const { sink } of entries.filter((entry) => this.#listens(entry))) {
      try {
        sink.onFailure(failure ?? new Error('The poller thread ended by itself'));
      } catch (error) {
        // One socket's listener is no reason for the others not to hear of it.
        queueMicrotask(() => {
          throw error as Error;
        });
      }
    }
  }
}
