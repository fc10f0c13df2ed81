import { DataFrame, type RemoteFrame } from '../../../index';

/** The sides of a bridge. */
export type Side = 0 | 1;

const WINDOW_NS = 1e9;
/** Frames that have come back in a window, and which part of all received on that side. */
const RETURNS = 100;
const RETURNS_PART = 0.5;
/** Times that one and the same frame has come to one side in a window. */
const REPEATS = 500;

const SENT_SLOTS = 2 ** 18;
const SEEN_SLOTS = 2 ** 16;

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

interface SideCounts {
  /** Frames the bridge has sent to this side, by hash, that have not come back. */
  readonly sent: Uint8Array;
  /** Frames received on this side, by hash. */
  readonly seen: Uint16Array;
  received: number;
  returns: number;
  repeats: number;
}

function newSide(): SideCounts {
  return {
    sent: new Uint8Array(SENT_SLOTS),
    seen: new Uint16Array(SEEN_SLOTS),
    received: 0,
    returns: 0,
    repeats: 0,
  };
}

/**
 * Suspects a loop: somebody else who forwards between the same two buses. A CAN frame has no count of
 * hops and no sender, so there is no telling; but in a loop frames come back that were sent, or the same
 * frame comes again and again. In a window of 1 s, half of what comes from a side, and 100 frames, equal
 * frames that were sent to it before; or one frame has come 500 times.
 *
 * A suspicion and no more: two nodes may say the same, and one may say the same all the time. Takes half
 * a megabyte, whatever comes; frames are known by a hash, and confusing two only makes for a suspicion.
 */
export class LoopGuard {
  readonly #sides: readonly [SideCounts, SideCounts] = [newSide(), newSide()];
  #beginNs = 0;

  /** @param nowNs monotonic */
  received(side: Side, frame: DataFrame | RemoteFrame, nowNs: number): void {
    if (nowNs - this.#beginNs >= WINDOW_NS) this.restart(nowNs);
    const counts = this.#sides[side];
    const key = hash(frame);
    counts.received++;
    const sentAt = key % SENT_SLOTS;
    const sent = counts.sent[sentAt] ?? 0;
    if (sent > 0) {
      counts.sent[sentAt] = sent - 1;
      counts.returns++;
    }
    const seenAt = key % SEEN_SLOTS;
    const times = Math.min(0xffff, (counts.seen[seenAt] ?? 0) + 1);
    counts.seen[seenAt] = times;
    if (times > counts.repeats) counts.repeats = times;
  }

  forwarded(to: Side, frame: DataFrame | RemoteFrame): void {
    const { sent } = this.#sides[to];
    const at = hash(frame) % SENT_SLOTS;
    sent[at] = Math.min(0xff, (sent[at] ?? 0) + 1);
  }

  get suspicious(): boolean {
    return this.#sides.some(
      ({ received, returns, repeats }) =>
        repeats >= REPEATS || (returns >= RETURNS && returns >= RETURNS_PART * received),
    );
  }

  /** Frames received a second, both sides together, in this window. */
  rate(nowNs: number): number {
    const received = this.#sides[0].received + this.#sides[1].received;
    return (received * 1e9) / Math.max(1e6, nowNs - this.#beginNs);
  }

  /** Forgets everything: a new window begins. */
  restart(nowNs: number): void {
    this.#beginNs = nowNs;
    for (const side of this.#sides) {
      side.sent.fill(0);
      side.seen.fill(0);
      Object.assign(side, { received: 0, returns: 0, repeats: 0 });
    }
  }
}
