import type { Ring } from '../../poller/ring';
import type { Timestamp } from '../../timestamp';
import { callListener } from '../../uncaught';
import { EarlyMessages } from './early-messages';
import type { Losses } from './losses';

/** Decodes the records of a ring. */
export interface RingReader<T> {
  /** The number of messages that the kernel reported as dropped, with the messages so far. */
  readonly dropped: number;
  /** Takes the oldest messages out of the ring, which may hold more. */
  take(ring: Ring): readonly T[];
}

/** The socket that messages are delivered to. */
export interface DeliveryListener<T> {
  /** A message was received at this time. */
  onTraffic(at: Timestamp): void;
  /** Emits messages. Returns whether anyone listens. */
  onMessages(messages: readonly T[]): boolean;
  /** The kernel dropped this many messages. */
  onOverflow(lost: number): void;
}

/**
 * Delivers received messages to the listeners of a socket, and then the number of lost ones. An exception in a
 * listener becomes an uncaught exception. No message is lost because of it.
 */
export class Delivery<T extends { readonly timestamp: Timestamp }> {
  readonly #reader: RingReader<T>;
  readonly #losses: Losses;
  readonly #counters: { discarded: number };
  readonly #listener: DeliveryListener<T>;
  readonly #early = new EarlyMessages<T>();

  /** @param counters counts the messages that nobody received */
  constructor(reader: RingReader<T>, losses: Losses, counters: { discarded: number }, listener: DeliveryListener<T>) {
    this.#reader = reader;
    this.#losses = losses;
    this.#counters = counters;
    this.#listener = listener;
  }

  /** Delivers the oldest messages of the ring. Returns whether it holds more. */
  deliver(ring: Ring): boolean {
    const { consumed } = ring;
    const messages = this.#reader.take(ring);
    const lost = this.#losses.unreported((ring.consumed - consumed) | 0, this.#reader.dropped);
    const last = messages.at(-1);
    if (last !== undefined) {
      callListener(() => {
        this.#listener.onTraffic(last.timestamp);
      });
      callListener(() => {
        this.#give(messages);
      });
    }
    if (lost > 0) {
      callListener(() => {
        this.#listener.onOverflow(lost);
      });
    }
    return ring.available > 0;
  }

  /** A first listener was added: delivers the messages that arrived before it, in a microtask. */
  deliverEarly(): void {
    const early = this.#early.take();
    if (early.length === 0) return;
    queueMicrotask(() => {
      this.#give(early);
    });
  }

  #give(messages: readonly T[]): void {
    const discarded = this.#early.keep(messages);
    if (discarded !== undefined) this.#counters.discarded += discarded;
    else if (!this.#listener.onMessages(messages)) this.#counters.discarded += messages.length;
  }
}
