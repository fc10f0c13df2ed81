import type { FrameBits } from '../../../../index';

const SECOND_NS = 1e9;
/** What is added up together: a fifth of a second. */
const SLOT_NS = SECOND_NS / 5;
const SLOTS_PER_SECOND = SECOND_NS / SLOT_NS;
/** How far back the history goes. */
export const HISTORY_SECONDS = 60;
/** One more second than the history, for the slots that are not complete. */
const SLOTS = (HISTORY_SECONDS + 1) * SLOTS_PER_SECOND;

/** What went over a bus in a second. */
export interface Throughput {
  readonly frames: number;
  /** At the nominal bit rate. */
  readonly nominalBits: number;
  /** At the data bit rate. */
  readonly dataBits: number;
}

/** Frames and bits of the last minute, by the time when they were received. */
export class Load {
  readonly #frames = new Uint32Array(SLOTS);
  readonly #nominal = new Float64Array(SLOTS);
  readonly #data = new Float64Array(SLOTS);
  /** Number of the latest slot, counted from time 0. */
  #latest = -Infinity;

  /** @param atNs monotonic, in ns; what is more than a minute older than the latest is forgotten */
  add(atNs: number, bits: FrameBits): void {
    const slot = Math.floor(atNs / SLOT_NS);
    if (slot > this.#latest) this.#advance(slot);
    if (slot <= this.#latest - SLOTS) return;
    const at = slot % SLOTS;
    this.#frames[at] = (this.#frames[at] ?? 0) + 1;
    this.#nominal[at] = (this.#nominal[at] ?? 0) + bits.nominal;
    this.#data[at] = (this.#data[at] ?? 0) + bits.data;
  }

  /** Of the last second that is complete, to a fifth of a second. */
  current(nowNs: number): Throughput {
    return this.second(nowNs, 0);
  }

  /** Of the second that ended so many seconds before the last complete one, up to {@link HISTORY_SECONDS} - 1. */
  second(nowNs: number, back: number): Throughput {
    const end = Math.floor(nowNs / SLOT_NS) - back * SLOTS_PER_SECOND;
    let [frames, nominalBits, dataBits] = [0, 0, 0];
    for (let slot = Math.max(0, end - SLOTS_PER_SECOND); slot < end; slot++) {
      if (slot > this.#latest || slot <= this.#latest - SLOTS) continue;
      const at = slot % SLOTS;
      frames += this.#frames[at] ?? 0;
      nominalBits += this.#nominal[at] ?? 0;
      dataBits += this.#data[at] ?? 0;
    }
    return { frames, nominalBits, dataBits };
  }

  clone(): Load {
    const copy = new Load();
    copy.#frames.set(this.#frames);
    copy.#nominal.set(this.#nominal);
    copy.#data.set(this.#data);
    copy.#latest = this.#latest;
    return copy;
  }

  #advance(slot: number): void {
    for (let next = Math.max(this.#latest + 1, slot - SLOTS + 1); next <= slot; next++) {
      const at = ((next % SLOTS) + SLOTS) % SLOTS;
      this.#frames[at] = 0;
      this.#nominal[at] = 0;
      this.#data[at] = 0;
    }
    this.#latest = slot;
  }
}

/**
 * Which part of a second the bus was busy: 0 to 1, more if the bit rates are not the bus's.
 *
 * @param bitrate in bit/s
 * @param dataBitrate of CAN FD frames with BRS; not given: `bitrate`
 */
export function loadOf({ nominalBits, dataBits }: Throughput, bitrate: number, dataBitrate = bitrate): number {
  return nominalBits / bitrate + dataBits / dataBitrate;
}
