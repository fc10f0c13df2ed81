import { systemClock, type Clock, type ClockImmediate, type ClockTimer } from '../clock';
import { watchReadable, type ReadableWatch } from '../libc/readable';
import { throwUncaught } from '../uncaught';
import { ClockOffset } from './clock-offset';
import { Coalescing } from './coalescing';
import type { PollRequest, RecordConsumer, Registration } from './consumer';
import { PolledSocket } from './polled-socket';
import { Ring } from './ring';

/** Two batches. Each is consumed at once, and memory that is reused soon stays in the cache. */
const MAX_SLOTS = 128;

const clockOffset = new ClockOffset();

/**
 * The poller 'loop', one for each socket: receives on the main thread when the event loop reports the socket as
 * readable. While the main thread is busy, nobody receives.
 */
export class LoopPoller implements Registration {
  readonly #clock: Clock;
  readonly #socket: PolledSocket;
  readonly #consumer: RecordConsumer;
  readonly #watch: ReadableWatch;
  readonly #coalescing: Coalescing;
  /** Settle the calls of drain(), by ticket. */
  readonly #drains = new Map<number, () => void>();
  #nextTicket = 1;
  #referenced = true;
  #turn: ClockImmediate | undefined;
  /** Runs while reading is paused. */
  #pause: ClockTimer | undefined;
  #removed = false;

  constructor(request: PollRequest, consumer: RecordConsumer, clock = systemClock) {
    this.#clock = clock;
    this.#consumer = consumer;
    this.#coalescing = new Coalescing(request.coalesceMs, clock);
    const ring = Ring.create(Math.min(request.slots, MAX_SLOTS), request.layout);
    const listener = {
      onRecords: () => {
        this.#consume();
      },
      onError: (errno: number, monotonicNs: bigint, final: boolean) => {
        this.#consumeAll();
        this.#guard(() => {
          consumer.onError(errno, monotonicNs, final);
        });
      },
      onDrained: (ticket: number) => {
        this.#consumeAll();
        this.#drains.get(ticket)?.();
        this.#drains.delete(ticket);
      },
    };
    this.#socket = new PolledSocket(request.fd, ring, request.sinceNs, clockOffset, listener, 1);
    this.#watch = watchReadable(request.fd, () => {
      this.#readLater();
    });
  }

  /** Calls of recvmmsg(2) so far. */
  get reads(): number {
    return this.#socket.calls;
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    if (this.#removed) return;
    this.#watch.setReferenced(referenced);
    if (referenced) this.#pause?.ref();
    else this.#pause?.unref();
  }

  drain(): Promise<void> {
    if (this.#removed) return Promise.resolve();
    const ticket = this.#nextTicket++;
    const drained = new Promise<void>((resolve) => this.#drains.set(ticket, resolve));
    this.#socket.drain(ticket);
    this.#readLater();
    return drained;
  }

  remove(): Promise<void> {
    if (!this.#removed) {
      this.#removed = true;
      this.#socket.end();
      this.#watch.close();
      this.#clock.clearImmediate(this.#turn);
      this.#clock.clearTimeout(this.#pause);
      for (const drained of this.#drains.values()) drained();
      this.#drains.clear();
    }
    return Promise.resolve();
  }

  /** Reads in the next phase of immediates, where a consumer runs like any other callback of Node.js. */
  #readLater(): void {
    // After removal, records left in the ring are discarded.
    if (this.#removed) return;
    this.#turn ??= this.#clock.setImmediate(() => {
      this.#turn = undefined;
      this.#read();
    });
  }

  #read(): void {
    if (this.#pause !== undefined) {
      this.#clock.clearTimeout(this.#pause);
      this.#pause = undefined;
    }
    const { ring } = this.#socket;
    if (ring.available > 0) {
      this.#consume();
      if (ring.available > 0) {
        this.#readLater();
        return;
      }
    }
    const open = this.#socket.read();
    if (this.#removed) return;
    const { packets, unfinished } = this.#socket;
    if (unfinished || ring.available > 0) this.#readLater();
    const ms = open ? this.#coalescing.after(packets) : 0;
    if (!open || ms > 0) this.#watch.pause();
    else this.#watch.resume();
    if (ms === 0) return;
    this.#pause = this.#clock.setTimeout(() => {
      this.#read();
    }, ms);
    if (!this.#referenced) this.#pause.unref();
  }

  /** Calls the consumer once. Records that it leaves in the ring get a turn of their own. */
  #consume(): void {
    const { ring } = this.#socket;
    this.#guard(() => this.#consumer.onRecords(ring));
    ring.resume();
  }

  /** Empties the ring before an error or a finished drain is reported. */
  #consumeAll(): void {
    const { ring } = this.#socket;
    while (ring.available > 0 && !this.#removed) {
      const { consumed } = ring;
      this.#consume();
      if (ring.consumed === consumed) break;
    }
  }

  /** Calls the consumer unless it was removed. Its exception becomes uncaught: no frame is lost. */
  #guard(call: () => unknown): void {
    if (this.#removed) return;
    try {
      call();
    } catch (error) {
      throwUncaught(error);
    }
  }
}
