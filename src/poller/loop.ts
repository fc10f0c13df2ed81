import { systemClock, type Clock, type ClockImmediate, type ClockTimer } from '../clock';
import { watchReadable, type ReadableWatch } from '../libc/readable';
import { ClockOffset } from './clock-offset';
import { Coalescing } from './coalescing';
import { Ring } from './ring';
import type { Reading, Registration, Sink } from './sink';
import { Source } from './source';

/** Two batches: each is consumed at once, and memory that is used again and again stays in the cache. */
const SLOTS = 128;

const clockOffset = new ClockOffset();

/** What a listener throws is its process's affair, and costs no frame. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error as Error;
  });
}

/**
 * Receives on the main thread, whose event loop says when: no thread, half the work for a frame that comes
 * alone, and nobody who receives while the main thread is busy.
 */
export class LoopReader implements Registration {
  readonly #clock: Clock;
  readonly #source: Source;
  readonly #sink: Sink;
  readonly #watch: ReadableWatch;
  readonly #coalescing: Coalescing;
  readonly #drains = new Map<number, () => void>();
  #nextTicket = 1;
  #referenced = true;
  #turn: ClockImmediate | undefined;
  #quiet: ClockTimer | undefined;
  #removed = false;

  constructor(reading: Reading, sink: Sink, clock = systemClock) {
    this.#clock = clock;
    this.#sink = sink;
    this.#coalescing = new Coalescing(reading.coalesceMs, clock);
    const ring = Ring.create(Math.min(reading.slots, SLOTS));
    const listener = {
      onRecords: () => {
        this.#consume();
      },
      onFault: (errno: number, monotonicNs: bigint, final: boolean) => {
        this.#consumeAll();
        this.#guarded(() => {
          sink.onFault(errno, monotonicNs, final);
        });
      },
      onDrained: (ticket: number) => {
        this.#consumeAll();
        this.#drains.get(ticket)?.();
        this.#drains.delete(ticket);
      },
    };
    this.#source = new Source(reading.fd, ring, reading.sinceNs, clockOffset, listener, 1);
    this.#watch = watchReadable(reading.fd, () => {
      this.#later();
    });
  }

  /** Calls of recvmmsg(2) so far. */
  get reads(): number {
    return this.#source.calls;
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    if (this.#removed) return;
    this.#watch.setReferenced(referenced);
    if (referenced) this.#quiet?.ref();
    else this.#quiet?.unref();
  }

  drain(): Promise<void> {
    if (this.#removed) return Promise.resolve();
    const ticket = this.#nextTicket++;
    const drained = new Promise<void>((resolve) => this.#drains.set(ticket, resolve));
    this.#source.drain(ticket);
    this.#later();
    return drained;
  }

  remove(): Promise<void> {
    if (!this.#removed) {
      this.#removed = true;
      this.#source.end();
      this.#watch.close();
      this.#clock.clearImmediate(this.#turn);
      this.#clock.clearTimeout(this.#quiet);
      for (const drained of this.#drains.values()) drained();
      this.#drains.clear();
    }
    return Promise.resolve();
  }

  /** In the phase of immediates, which comes next: there, what a sink does runs as any callback of Node's. */
  #later(): void {
    // What a sink that removes itself leaves in the ring is nobody's.
    if (this.#removed) return;
    this.#turn ??= this.#clock.setImmediate(() => {
      this.#turn = undefined;
      this.#read();
    });
  }

  #read(): void {
    if (this.#quiet !== undefined) {
      this.#clock.clearTimeout(this.#quiet);
      this.#quiet = undefined;
    }
    const { ring } = this.#source;
    if (ring.available > 0) {
      this.#consume();
      if (ring.available > 0) {
        this.#later();
        return;
      }
    }
    const open = this.#source.read();
    if (this.#removed) return;
    const { frames, unfinished } = this.#source;
    if (unfinished || ring.available > 0) this.#later();
    const ms = open ? this.#coalescing.after(frames) : 0;
    if (!open || ms > 0) this.#watch.pause();
    else this.#watch.resume();
    if (ms === 0) return;
    this.#quiet = this.#clock.setTimeout(() => {
      this.#read();
    }, ms);
    if (!this.#referenced) this.#quiet.unref();
  }

  /** What the sink leaves in the ring has a turn of its own. */
  #consume(): void {
    const { ring } = this.#source;
    this.#guarded(() => this.#sink.onRecords(ring));
    ring.resume();
  }

  /** Errors, and that all is told, are told after all that is in the ring. */
  #consumeAll(): void {
    const { ring } = this.#source;
    while (ring.available > 0 && !this.#removed) {
      const { consumed } = ring;
      this.#consume();
      if (ring.consumed === consumed) break;
    }
  }

  /** Calls the sink, if it is still to be called. */
  #guarded(call: () => unknown): void {
    if (this.#removed) return;
    try {
      call();
    } catch (error) {
      throwLater(error);
    }
  }
}
