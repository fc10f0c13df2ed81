import { decodeFrame, ErrorFrame, type Frame } from '../frame';
import { compareArbitration, frameTimeNs } from './frame-time';
import type { VirtualNode, WireFrame } from './node';
import type { Timeline } from './timeline';

/** A frame that wants to pass: who sent it (undefined: the test, from outside), and the frame. */
export interface Passage {
  readonly from: VirtualNode | undefined;
  readonly bytes: WireFrame;
}

/** The speed of a bus, in bit/s. */
export interface BitTiming {
  readonly bitrate: number;
  readonly dataBitrate: number;
}

/** The bytes as a frame; undefined for what is none. */
export function frameOf(bytes: WireFrame): Frame | undefined {
  const memory = new Uint8Array(72);
  memory.set(bytes);
  return decodeFrame({ bytes: memory, words: new Uint32Array(memory.buffer) }, 0, bytes.byteLength);
}

/**
 * The wire of a bus with bit timing: one frame at a time, each as long as it takes, and when the bus
 * is free the lowest identifier of those at the heads of the senders' queues goes first.
 */
export class Wire {
  readonly #timeline: Timeline;
  readonly #timing: BitTiming;
  readonly #passed: (passage: Passage) => void;
  readonly #queues = new Map<VirtualNode | undefined, Passage[]>();
  #busy: Passage | undefined;

  constructor(timeline: Timeline, timing: BitTiming, passed: (passage: Passage) => void) {
    this.#timeline = timeline;
    this.#timing = timing;
    this.#passed = passed;
  }

  /** Frames of a sender that wait, the one on the wire included. */
  waiting(from: VirtualNode | undefined): number {
    return this.#queues.get(from)?.length ?? 0;
  }

  send(passage: Passage): void {
    const queue = this.#queues.get(passage.from);
    if (queue === undefined) this.#queues.set(passage.from, [passage]);
    else queue.push(passage);
    // Not at once: what is sent at the same moment competes for the bus.
    if (this.#busy === undefined)
      this.#timeline.at(this.#timeline.now, () => {
        this.#start(this.#timeline.now);
      });
  }

  /** Forgets what one sender, or everybody, has waiting. */
  clear(from?: VirtualNode): void {
    if (from === undefined) {
      this.#queues.clear();
      this.#busy = undefined;
    } else {
      const queue = this.#queues.get(from);
      // What is on the wire goes on: a controller finishes its frame.
      if (queue?.[0] !== undefined && queue[0] === this.#busy) queue.length = 1;
      else this.#queues.delete(from);
    }
  }

  #start(time: bigint): void {
    if (this.#busy !== undefined) return;
    const next = this.#winner();
    if (next === undefined) return;
    this.#busy = next;
    const end = time + BigInt(this.#duration(next));
    this.#timeline.at(end, () => {
      if (this.#busy !== next) return;
      this.#busy = undefined;
      const queue = this.#queues.get(next.from);
      queue?.shift();
      if (queue?.length === 0) this.#queues.delete(next.from);
      // The bus is free from the end of this frame, however late the timer was.
      this.#passed(next);
      this.#start(end);
    });
  }

  #winner(): Passage | undefined {
    let winner: Passage | undefined;
    for (const [first] of this.#queues.values()) {
      if (first === undefined) continue;
      if (winner === undefined || this.#compare(first, winner) < 0) winner = first;
    }
    return winner;
  }

  #compare(a: Passage, b: Passage): number {
    const [x, y] = [frameOf(a.bytes), frameOf(b.bytes)];
    if (x === undefined || x instanceof ErrorFrame) return -1;
    if (y === undefined || y instanceof ErrorFrame) return 1;
    return compareArbitration(x, y);
  }

  /** Error frames and malformed ones never were on a wire: they take no time. */
  #duration(passage: Passage): number {
    const frame = frameOf(passage.bytes);
    if (frame === undefined || frame instanceof ErrorFrame) return 0;
    return frameTimeNs(frame, this.#timing.bitrate, this.#timing.dataBitrate);
  }
}
