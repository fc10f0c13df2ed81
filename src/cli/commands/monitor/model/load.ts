import type { FrameBits } from '../../../../index';

const SECOND_NS = 1e9;
/** The resolution: a fifth of a second. */
const SLOT_NS = SECOND_NS / 5;
const SLOTS_PER_SECOND = SECOND_NS / SLOT_NS;
/** The length of the history. */
export const HISTORY_SECONDS = 60;
/** One second more than the history, for incomplete slots. */
const SLOTS = (HISTORY_SECONDS + 1) * SLOTS_PER_SECOND;

/** The traffic of a bus in one second. */
export interface Throughput {
  readonly frames: number;
  /** Bits at the nominal bit rate. */
  readonly nominalBits: number;
  /** Bits at the data bit rate. */
  readonly dataBits: number;
}

/** Frames and bits of the last minute, by receive time. */
export class Load {
  readonly #frames = new Uint32Array(SLOTS);
  readonly #nominal = new Float64Array(SLOTS);
  readonly #data = new Float64Array(SLOTS);
  /** The number of the latest slot, counted from time 0. */
  #latest = -Infinity;

  /** @param atNs monotonic time, in ns. Frames more than a minute older than the latest do not count */
  add(atNs: number, bits: FrameBits): void {
    const slot = Math.floor(atNs / SLOT_NS);
    if (slot > this.#latest) this.#advance(slot);
    if (slot <= this.#latest - SLOTS) return;
    const at = slot % SLOTS;
    this.#frames[at] = (this.#frames[at] ?? 0) + 1;
    this.#nominal[at] = (this.#nominal[at] ?? 0) + bits.nominal;
    this.#data[at] = (this.#data[at] ?? 0) + bits.data;
  }

  /** The traffic of the last complete second, to a fifth of a second. */
  current(nowNs: number): Throughput {
    return this.second(nowNs, 0);
  }

  /** The traffic of the second that ended `back` (0 to {@link HISTORY_SECONDS} - 1) seconds before that. */
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
 * The part of a second in which the bus was busy: 0 to 1; above 1 if the bit rates are wrong.
 *
 * @param bitrate in bit/s
 * @param dataBitrate for CAN FD frames with BRS, in bit/s; default: `bitrate`
 */
export function loadOf({ nominalBits, dataBits }: Throughput, bitrate: number, dataBitrate = bitrate): number {
  return nominalBits / bitrate + dataBits / dataBitrate;
}
