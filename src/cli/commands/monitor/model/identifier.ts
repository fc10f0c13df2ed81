import { DataFrame, frameBits, type FrameBits, type RemoteFrame } from '../../../../index';
import { Timing } from './timing';

const NO_DATA = new Uint8Array(0);

/** What is known of the frames of one identifier, format and kind (data or remote) on one interface. */
export class Identifier {
  readonly interfaceName: string;
  /** Place of the interface on the command line. */
  readonly interfaceIndex: number;
  /** The last that came. */
  frame: DataFrame | RemoteFrame;
  /** How many have come. */
  count = 0;
  /** When its data changed last, or it came first; monotonic, in ns. */
  changedNs = -Infinity;
  timing = new Timing();
  /** Bits of the last frame on the wire, stuff bits included. */
  bits: FrameBits;
  /** By byte of the data. */
  #bytesChangedNs = new Float64Array(8).fill(-Infinity);

  constructor(interfaceName: string, interfaceIndex: number, first: DataFrame | RemoteFrame) {
    this.interfaceName = interfaceName;
    this.interfaceIndex = interfaceIndex;
    this.frame = first;
    this.bits = frameBits(first);
  }

  get remote(): boolean {
    return !(this.frame instanceof DataFrame);
  }

  /** None of a remote frame. */
  get data(): Uint8Array {
    return this.frame instanceof DataFrame ? this.frame.data : NO_DATA;
  }

  /** @param atNs monotonic, in ns */
  update(frame: DataFrame | RemoteFrame, atNs: number): void {
    const first = this.count === 0;
    const before = this.frame;
    this.count++;
    this.timing.add(atNs);
    this.frame = frame;
    if (first) this.changedNs = atNs;
    else if (this.#compare(before, frame, atNs)) this.bits = frameBits(frame);
  }

  /** When this byte of the data changed last, in ns; -Infinity: it is what it was at first. */
  byteChangedNs(index: number): number {
    return this.#bytesChangedNs[index] ?? -Infinity;
  }

  /** As it is now, for good. */
  clone(): Identifier {
    const copy = new Identifier(this.interfaceName, this.interfaceIndex, this.frame);
    copy.count = this.count;
    copy.changedNs = this.changedNs;
    copy.timing = this.timing.clone();
    copy.bits = this.bits;
    copy.#bytesChangedNs = this.#bytesChangedNs.slice();
    return copy;
  }

  /** Marks the bytes that differ; true if anything does that the bits on the wire depend on. */
  #compare(before: DataFrame | RemoteFrame, now: DataFrame | RemoteFrame, atNs: number): boolean {
    if (!(before instanceof DataFrame && now instanceof DataFrame)) return before.dlc !== now.dlc;
    const [old, data] = [before.data, now.data];
    let changed = old.length !== data.length;
    for (let index = 0; index < data.length; index++) {
      if (data[index] === old[index]) continue;
      changed = true;
      this.#room(data.length);
      this.#bytesChangedNs[index] = atNs;
    }
    if (changed) this.changedNs = atNs;
    return changed || before.fd !== now.fd || before.brs !== now.brs || before.esi !== now.esi;
  }

  #room(length: number): void {
    if (length <= this.#bytesChangedNs.length) return;
    const more = new Float64Array(64).fill(-Infinity);
    more.set(this.#bytesChangedNs);
    this.#bytesChangedNs = more;
  }
}
