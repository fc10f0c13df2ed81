import type { Losses } from '../../channel/losses';
import type { Ring } from '../../poller/ring';
import type { Timestamp } from '../../timestamp';
import { callListener } from '../../uncaught';
import type { Counters } from '../statistics';
import { EarlyFrames } from './early-frames';
import type { ReceivedFrame } from './received-frame';
import type { Reception } from './reception';

/** The socket that frames are delivered to. */
export interface DeliveryListener {
  /** A frame was received at this time. */
  onTraffic(at: Timestamp): void;
  /** Emits frames. Returns whether anyone listens. */
  onFrames(frames: readonly ReceivedFrame[]): boolean;
  /** The kernel dropped this many frames. */
  onOverflow(lost: number): void;
}

/**
 * Delivers received frames to the listeners of a socket, and then the number of lost ones. An exception in a listener
 * becomes an uncaught exception, and costs no frame.
 */
export class Delivery {
  readonly #reception: Reception;
  readonly #losses: Losses;
  readonly #counters: Counters;
  readonly #listener: DeliveryListener;
  readonly #early = new EarlyFrames();

  constructor(reception: Reception, losses: Losses, counters: Counters, listener: DeliveryListener) {
    this.#reception = reception;
    this.#losses = losses;
    this.#counters = counters;
    this.#listener = listener;
  }

  /** Delivers the oldest frames of the ring. Returns whether it holds more. */
  deliver(ring: Ring): boolean {
    const { consumed } = ring;
    const frames = this.#reception.take(ring);
    const lost = this.#losses.unreported((ring.consumed - consumed) | 0, this.#reception.lost);
    const last = frames.at(-1);
    if (last !== undefined) {
      callListener(() => {
        this.#listener.onTraffic(last.timestamp);
      });
      callListener(() => {
        this.#give(frames);
      });
    }
    if (lost > 0) {
      callListener(() => {
        this.#listener.onOverflow(lost);
      });
    }
    return ring.available > 0;
  }

  /** A first listener was added: delivers the frames that arrived before it, in a microtask. */
  deliverEarly(): void {
    const early = this.#early.take();
    if (early.length === 0) return;
    queueMicrotask(() => {
      this.#give(early);
    });
  }

  #give(frames: readonly ReceivedFrame[]): void {
    const discarded = this.#early.keep(frames);
    if (discarded !== undefined) this.#counters.discarded += discarded;
    else if (!this.#listener.onFrames(frames)) this.#counters.discarded += frames.length;
  }
}
