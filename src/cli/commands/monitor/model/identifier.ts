import { DataFrame, frameBits, type FrameBits, type RemoteFrame } from '../../../../index';
import { Timing } from './timing';

const NO_DATA = new Uint8Array(0);

/** The frames of one identifier, format and kind (data or remote) on one interface: a row of the table. */
export class Identifier {
  readonly interfaceName: string;
  /** The position of the interface on the command line. */
  readonly interfaceIndex: number;
  /** The last frame. */
  frame: DataFrame | RemoteFrame;
  /** The number of frames. */
  count = 0;
  /** When its data last changed, at first when it arrived (monotonic ns). */
  changedNs = -Infinity;
  timing = new Timing();
  /** Bits of the last frame on the wire, stuff bits included. */
  bits: FrameBits;
  /** When each byte of the data last changed. */
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

  /** The data; empty for a remote frame. */
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

  /** When this byte of the data last changed, in ns; -Infinity: never. */
  byteChangedNs(index: number): number {
    return this.#bytesChangedNs[index] ?? -Infinity;
  }

  /** Returns a copy that does not change. */
  clone(): Identifier {
    const copy = new Identifier(this.interfaceName, this.interfaceIndex, this.frame);
    copy.count = this.count;
    copy.changedNs = this.changedNs;
    copy.timing = this.timing.clone();
    copy.bits = this.bits;
    copy.#bytesChangedNs = this.#bytesChangedNs.slice();
    return copy;
  }

  /** Notes the changed bytes. Returns whether the bits on the wire may have changed. */
  #compare(before: DataFrame | RemoteFrame, now: DataFrame | RemoteFrame, atNs: number): boolean {
    if (!(before instanceof DataFrame && now instanceof DataFrame)) return before.dlc !== now.dlc;
    const [old, data] = [before.data, now.data];
    let changed = old.length !== data.length;
    for (let index = 0; index < data.length; index++) {
      if (data[index] === old[index]) continue;
      changed = true;
      this.#makeRoom(data.length);
      this.#bytesChangedNs[index] = atNs;
    }
    if (changed) this.changedNs = atNs;
    return changed || before.fd !== now.fd || before.brs !== now.brs || before.esi !== now.esi;
  }

  #makeRoom(length: number): void {
    if (length <= this.#bytesChangedNs.length) return;
    const more = new Float64Array(64).fill(-Infinity);
    more.set(this.#bytesChangedNs);
    this.#bytesChangedNs = more;
  }
}
