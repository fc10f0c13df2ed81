import type { DataFrame } from '../frame/data-frame';
import { ErrorFrame } from '../frame/error-frame';
import type { RemoteFrame } from '../frame/remote-frame';
import { compareArbitration } from '../frame/timing/arbitration';
import { frameTimeNs } from '../frame/timing/frame-time';
import { decodeBytes } from './frame-bytes';
import type { Transmission, VirtualNode } from './node';
import type { Timeline } from './timeline';

/** Bit rates of a bus, in bit/s. */
export interface BitRates {
  readonly bitrate: number;
  /** The bit rate of the data phase of CAN FD frames with BRS. */
  readonly dataBitrate: number;
}

/** A frame in the transmit queue of its sender. */
interface QueuedFrame {
  readonly transmission: Transmission;
  /** Undefined for error frames and malformed frames: they take no time on the wire. */
  readonly frame: DataFrame | RemoteFrame | undefined;
  /** Number of frames sent before this one. */
  readonly order: number;
}

/** Negative if `a` goes first: frames that take no time, then the lowest identifier, then the order of sending. */
function compare(a: QueuedFrame, b: QueuedFrame): number {
  const inOrder = a.order - b.order;
  if (a.frame !== undefined && b.frame !== undefined) {
    return compareArbitration(a.frame, b.frame) || inOrder;
  }
  return Number(a.frame !== undefined) - Number(b.frame !== undefined) || inOrder;
}

/**
 * The wire of a bus with a bit rate. It transmits one frame at a time, and each takes the time it takes on a real
 * bus. When the wire is free, it transmits the lowest identifier among the first frames of all queues.
 */
export class Wire {
  readonly #timeline: Timeline;
  readonly #rates: BitRates;
  readonly #onTransmitted: (transmission: Transmission) => void;
  /** One queue per sender, never empty. The frame on the wire stays the first of its queue. */
  readonly #queues = new Map<VirtualNode | undefined, QueuedFrame[]>();
  /** The frame on the wire. */
  #current: QueuedFrame | undefined;
  #sent = 0;

  /** @param onTransmitted called when the last bit of a frame was transmitted */
  constructor(timeline: Timeline, rates: BitRates, onTransmitted: (transmission: Transmission) => void) {
    this.#timeline = timeline;
    this.#rates = rates;
    this.#onTransmitted = onTransmitted;
  }

  /** Number of frames in the queue of a sender, including the frame on the wire. */
  queued(sender: VirtualNode): number {
    return this.#queues.get(sender)?.length ?? 0;
  }

  send(transmission: Transmission): void {
    const frame = decodeBytes(transmission.bytes);
    const queued = {
      transmission,
      frame: frame instanceof ErrorFrame ? undefined : frame,
      order: this.#sent++,
    };
    const queue = this.#queues.get(transmission.sender);
    if (queue === undefined) this.#queues.set(transmission.sender, [queued]);
    else queue.push(queued);
    if (this.#current !== undefined) return;
    // Not in this call, so that frames sent at the same moment arbitrate.
    this.#timeline.at(this.#timeline.now, () => {
      this.#start(this.#timeline.now);
    });
  }

  /** Drops the queue of a sender. Its frame on the wire is still transmitted: a controller completes that one. */
  remove(sender: VirtualNode): void {
    this.#queues.delete(sender);
  }

  #start(time: bigint): void {
    if (this.#current !== undefined) return;
    const next = this.#winner();
    if (next === undefined) return;
    this.#current = next;
    const end = time + BigInt(this.#durationNs(next));
    this.#timeline.at(end, () => {
      this.#end(next);
      // The next frame starts when this one ended, even if the timer was late.
      this.#start(end);
    });
  }

  #end({ transmission }: QueuedFrame): void {
    this.#current = undefined;
    const queue = this.#queues.get(transmission.sender);
    queue?.shift();
    if (queue?.length === 0) this.#queues.delete(transmission.sender);
    this.#onTransmitted(transmission);
  }

  #winner(): QueuedFrame | undefined {
    let winner: QueuedFrame | undefined;
    for (const [first] of this.#queues.values()) {
      if (first !== undefined && (winner === undefined || compare(first, winner) < 0)) {
        winner = first;
      }
    }
    return winner;
  }

  #durationNs({ frame }: QueuedFrame): number {
    if (frame === undefined) return 0;
    const { bitrate, dataBitrate } = this.#rates;
    return frameTimeNs(frame, bitrate, dataBitrate);
  }
}
