import { throwUncaught } from '../uncaught';
import type { RecordConsumer } from './consumer';
import type { Ring } from './ring';

/**
 * The main thread's side of one polled socket: its ring, its consumer, and the calls of drain() that wait. An exception
 * of the consumer becomes uncaught, and no record is lost because of it.
 */
export class ConsumerSide {
  readonly ring: Ring;
  readonly #consumer: RecordConsumer;
  readonly #wakeProducer: () => void;
  /** Settle the calls of drain(), by ticket. */
  readonly #drains = new Map<number, () => void>();
  #nextTicket = 1;
  #stopped = false;

  /** @param wakeProducer called when a producer that has stopped must go on, see {@link Ring.resume} */
  constructor(ring: Ring, consumer: RecordConsumer, wakeProducer: () => void) {
    this.ring = ring;
    this.#consumer = consumer;
    this.#wakeProducer = wakeProducer;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether a call of drain() waits. */
  get draining(): boolean {
    return this.#drains.size > 0;
  }

  /** Whether there are records to consume. */
  hasRecords(): boolean {
    return this.ring.available > 0 && !this.#stopped;
  }

  /** Makes no further call to the consumer. Records left in the ring are discarded. */
  stop(): void {
    this.#stopped = true;
  }

  /** Calls the consumer once. Returns true if it wants to be called again for the rest. */
  consume(): boolean {
    if (this.#stopped) return false;
    let more = true; // This stays true after an exception.
    this.#guard(() => {
      more = this.#consumer.onRecords(this.ring);
    });
    if (this.ring.resume()) this.#wakeProducer();
    return more;
  }

  /** Consumes all records that are in the ring now, but not those that arrive meanwhile, which may never end. */
  consumeAll(): void {
    const { ring } = this;
    const end = ring.produced;
    while (((end - ring.consumed) | 0) > 0 && !this.#stopped) {
      const before = ring.consumed;
      this.consume();
      if (ring.consumed === before) break;
    }
  }

  /** Reports an error of receiving, after all records before it. */
  reportError(errno: number, monotonicNs: bigint, final: boolean): void {
    this.consumeAll();
    this.#guard(() => {
      this.#consumer.onError(errno, monotonicNs, final);
    });
  }

  reportFailure(error: Error): void {
    this.#guard(() => {
      this.#consumer.onFailure(error);
    });
  }

  /** Requests a drain with a new ticket. Resolves when {@link settle} gets the ticket. */
  drain(request: (ticket: number) => void): Promise<void> {
    const ticket = this.#nextTicket++;
    const drained = new Promise<void>((resolve) => this.#drains.set(ticket, resolve));
    request(ticket);
    return drained;
  }

  /** Resolves a call of drain(), after all records before it. */
  settle(ticket: number): void {
    this.consumeAll();
    this.#drains.get(ticket)?.();
    this.#drains.delete(ticket);
  }

  /** Resolves all calls of drain() that wait. */
  settleAll(): void {
    for (const resolve of this.#drains.values()) resolve();
    this.#drains.clear();
  }

  #guard(call: () => void): void {
    if (this.#stopped) return;
    try {
      call();
    } catch (error) {
      throwUncaught(error);
    }
  }
}
