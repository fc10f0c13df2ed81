import { DataFrame, type RemoteFrame } from '../../../index';

/** The sides of a bridge. */
export type Side = 0 | 1;

const WINDOW_NS = 1e9;
/**
 * Suspects a loop when this many frames return in a window, and they are at least this share of the frames from that
 * side.
 */
const RETURNED_FRAMES = 100;
const RETURNED_SHARE = 0.5;
/** Suspects a loop when the same frame arrives this many times from one side in a window. */
const REPETITIONS = 500;

/** Entries of the tables, whose index is a hash. */
const SENT_ENTRIES = 2 ** 18;
const SEEN_ENTRIES = 2 ** 16;

interface SideCounts {
  /** For each hash, the number of frames sent to this side that have not come back. */
  readonly sent: Uint8Array;
  /** For each hash, the number of frames received from this side. */
  readonly seen: Uint16Array;
  received: number;
  returned: number;
  /** The highest number in `seen`. */
  repetitions: number;
}

/**
 * Suspects a loop. A loop exists if another bridge or gateway connects the same two buses. A CAN frame names neither
 * its sender nor its hops, but in a loop the sent frames come back, or the same frame arrives again and again. So the
 * detector suspects a loop if one frame arrives 500 times within 1 s, or if 100 frames from one side equal frames that
 * the bridge sent to it and are at least half of all frames from that side.
 *
 * This does not prove a loop: two nodes may send equal frames, and one node may repeat a frame. The detector uses
 * 0.8 MB. It compares frames by a hash; a collision can only cause a suspicion.
 */
export class LoopDetector {
  readonly #sides: readonly [SideCounts, SideCounts] = [newSide(), newSide()];
  #beginNs = 0;

  /** @param nowNs monotonic */
  received(side: Side, frame: DataFrame | RemoteFrame, nowNs: number): void {
    if (nowNs - this.#beginNs >= WINDOW_NS) this.restart(nowNs);
    const counts = this.#sides[side];
    const key = hash(frame);
    counts.received++;
    const sentIndex = key % SENT_ENTRIES;
    const sent = counts.sent[sentIndex] ?? 0;
    if (sent > 0) {
      counts.sent[sentIndex] = sent - 1;
      counts.returned++;
    }
    const seenIndex = key % SEEN_ENTRIES;
    const seen = Math.min(0xffff, (counts.seen[seenIndex] ?? 0) + 1);
    counts.seen[seenIndex] = seen;
    if (seen > counts.repetitions) counts.repetitions = seen;
  }

  forwarded(to: Side, frame: DataFrame | RemoteFrame): void {
    const { sent } = this.#sides[to];
    const index = hash(frame) % SENT_ENTRIES;
    sent[index] = Math.min(0xff, (sent[index] ?? 0) + 1);
  }

  get suspicious(): boolean {
    return this.#sides.some(
      ({ received, returned, repetitions }) =>
        repetitions >= REPETITIONS || (returned >= RETURNED_FRAMES && returned >= RETURNED_SHARE * received),
    );
  }

  /** Frames per second received from both sides in this window. */
  rate(nowNs: number): number {
    const received = this.#sides[0].received + this.#sides[1].received;
    return (received * 1e9) / Math.max(1e6, nowNs - this.#beginNs);
  }

  /** Clears all counts and begins a new window. */
  restart(nowNs: number): void {
    this.#beginNs = nowNs;
    for (const side of this.#sides) {
      side.sent.fill(0);
      side.seen.fill(0);
      Object.assign(side, { received: 0, returned: 0, repetitions: 0 });
    }
  }
}

function newSide(): SideCounts {
  return {
    sent: new Uint8Array(SENT_ENTRIES),
    seen: new Uint16Array(SEEN_ENTRIES),
    received: 0,
    returned: 0,
    repetitions: 0,
  };
}

/** FNV-1a over identifier, format, kind, flags and data: 32 bits. */
function hash(frame: DataFrame | RemoteFrame): number {
  const data = frame instanceof DataFrame ? frame.data : undefined;
  const flags = frame instanceof DataFrame ? (frame.fd ? 1 : 0) | (frame.brs ? 2 : 0) : 4;
  let value = 0x811c9dc5;
  const add = (byte: number): void => {
    value = Math.imul(value ^ byte, 0x01000193);
  };
  add(frame.identifier & 0xff);
  add((frame.identifier >>> 8) & 0xff);
  add((frame.identifier >>> 16) & 0xff);
  add((frame.identifier >>> 24) & 0xff);
  add(frame.format);
  add((flags << 4) | frame.dlc);
  if (data !== undefined) for (const byte of data) add(byte);
  return (value ^ (value >>> 15)) >>> 0;
}
