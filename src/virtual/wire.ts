import { compareArbitration } from '../frame/timing/arbitration';
import { decodeFrame } from '../frame/codec';
import { CANFD_MTU } from '../frame/constants';
import type { DataFrame } from '../frame/data-frame';
import { ErrorFrame } from '../frame/error-frame';
import type { Frame } from '../frame/frame';
import { frameTimeNs } from '../frame/timing/frame-time';
import type { RemoteFrame } from '../frame/remote-frame';
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
  /** Of the data phase of CAN FD frames with BRS. */
  readonly dataBitrate: number;
}

interface Waiting {
  readonly passage: Passage;
  /** Undefined: an error frame or a malformed one, which never was on a wire and takes no time. */
  readonly frame: DataFrame | RemoteFrame | undefined;
  /** Frames sent before it. */
  readonly order: number;
}

/** Decodes the bytes of a frame; undefined if they are malformed. */
export function frameOf(bytes: WireFrame): Frame | undefined {
  const memory = new Uint8Array(CANFD_MTU);
  memory.set(bytes);
  return decodeFrame({ bytes: memory, words: new Uint32Array(memory.buffer) }, 0, bytes.byteLength);
}

/** Negative when `a` goes first: what takes no time, then the lowest identifier, then what was sent first. */
function compare(a: Waiting, b: Waiting): number {
  const inOrder = a.order - b.order;
  if (a.frame !== undefined && b.frame !== undefined) {
    return compareArbitration(a.frame, b.frame) || inOrder;
  }
  return Number(a.frame !== undefined) - Number(b.frame !== undefined) || inOrder;
}

/**
 * The wire of a bus with bit timing: one frame at a time, each as long as it takes, and when the bus
 * is free the lowest identifier of those at the heads of the senders' queues goes first.
 */
export class Wire {
  readonly #timeline: Timeline;
  readonly #timing: BitTiming;
  readonly #passed: (passage: Passage) => void;
  /** Of each sender, none of them empty; the frame on the wire is the first of its queue. */
  readonly #queues = new Map<VirtualNode | undefined, Waiting[]>();
  #busy: Waiting | undefined;
  #sent = 0;

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
    const frame = frameOf(passage.bytes);
    const waiting = {
      passage,
      frame: frame instanceof ErrorFrame ? undefined : frame,
      order: this.#sent++,
    };
    const queue = this.#queues.get(passage.from);
    if (queue === undefined) this.#queues.set(passage.from, [waiting]);
    else queue.push(waiting);
    if (this.#busy !== undefined) return;
    // Not at once: what is sent at the same moment competes for the bus.
    this.#timeline.at(this.#timeline.now, () => {
      this.#start(this.#timeline.now);
    });
  }

  /** Forgets what one sender has waiting, but not its frame on the wire: a controller finishes that. */
  remove(from: VirtualNode): void {
    this.#queues.delete(from);
  }

  #start(time: bigint): void {
    if (this.#busy !== undefined) return;
    const next = this.#winner();
    if (next === undefined) return;
    this.#busy = next;
    const end = time + BigInt(this.#duration(next));
    this.#timeline.at(end, () => {
      this.#end(next);
      // The bus is free from the end of this frame, however late the timer was.
      this.#start(end);
    });
  }

  #end({ passage }: Waiting): void {
    this.#busy = undefined;
    const queue = this.#queues.get(passage.from);
    queue?.shift();
    if (queue?.length === 0) this.#queues.delete(passage.from);
    this.#passed(passage);
  }

  #winner(): Waiting | undefined {
    let winner: Waiting | undefined;
    for (const [first] of this.#queues.values()) {
      if (first !== undefined && (winner === undefined || compare(first, winner) < 0)) {
        winner = first;
      }
    }
    return winner;
  }

  #duration({ frame }: Waiting): number {
    if (frame === undefined) return 0;
    const { bitrate, dataBitrate } = this.#timing;
    return frameTimeNs(frame, bitrate, dataBitrate);
  }
}
