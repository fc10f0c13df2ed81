import { MSG_CONFIRM, MSG_DONTROUTE } from '../libc/constants';
import type { Fault } from './fault-generator';
import { accepts } from './kernel-rules';
import type { Transmission, VirtualNode } from './node';
import type { Timeline } from './timeline';

/** Longest time that a frame waits for the next one to overtake it, in ns. */
const REORDER_NS = 1_000_000n;

/** Delivers transmitted frames to all sockets of a bus, and applies the faults of the frames. */
export class Broadcaster {
  readonly #nodes: ReadonlySet<VirtualNode>;
  readonly #timeline: Timeline;
  /** A frame that waits for the next one to overtake it. */
  #held: Transmission | undefined;

  constructor(nodes: ReadonlySet<VirtualNode>, timeline: Timeline) {
    this.#nodes = nodes;
    this.#timeline = timeline;
  }

  broadcast(transmission: Transmission, { kind, delayNs }: Fault): void {
    if (kind === 'delay') {
      this.#timeline.at(this.#timeline.now + delayNs, () => {
        this.#deliver(transmission);
      });
      return;
    }
    if (kind === 'reorder' && this.#held === undefined) {
      this.#held = transmission;
      this.#timeline.at(this.#timeline.now + REORDER_NS, () => {
        if (this.#held === transmission) this.#release();
      });
      return;
    }
    if (kind !== 'drop') this.#deliver(transmission);
    if (kind === 'duplicate') this.#deliver(transmission);
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#deliver(held);
  }

  #deliver({ sender, bytes }: Transmission): void {
    // With CAN_RAW_LOOPBACK off, only other hosts receive the frame. This bus has none.
    if (sender?.loopback === false) return;
    const canId = new Uint32Array(bytes.buffer, bytes.byteOffset, 1)[0] as number;
    const local = sender === undefined ? 0 : MSG_DONTROUTE;
    for (const node of this.#nodes) {
      const own = node === sender;
      if (accepts(node, canId, bytes.byteLength, own)) node.deliver(bytes, own ? MSG_CONFIRM | local : local);
    }
  }
}
