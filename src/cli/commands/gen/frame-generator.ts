import { DataFrame, FrameFormat, RemoteFrame, type Frame } from '../../../index';
import type { Random } from './random';

/** How a field varies from frame to frame: as cangen's r and i, or not at all. */
export type Variation<T> = 'random' | 'increment' | T;

/** The pattern of the generated frames. */
export interface FramePattern extends FrameKind {
  readonly identifier: Variation<number>;
  /** Bytes of data. */
  readonly length: Variation<number>;
  readonly data: Variation<Uint8Array>;
  /** Whether the kind of each frame is random. CAN FD frames occur only with `fd`. */
  readonly mix: boolean;
}

interface FrameKind {
  readonly extended: boolean;
  readonly fd: boolean;
  readonly brs: boolean;
  readonly esi: boolean;
  readonly remote: boolean;
}

/** Bytes of data by data length code. Classic frames have the codes 0 to 8 only. */
const FD_LENGTHS: readonly number[] = Array.from({ length: 16 }, (_, dlc) => DataFrame.dlcToLength(dlc));
const CLASSIC_LENGTHS = FD_LENGTHS.slice(0, 9);

/** The data lengths that a frame can have, in bytes, shortest first. */
export function validLengths(fd: boolean): readonly number[] {
  return fd ? FD_LENGTHS : CLASSIC_LENGTHS;
}

/** Generates frames from a pattern. The same seed generates the same frames. */
export class FrameGenerator {
  readonly #pattern: FramePattern;
  readonly #random: Random;
  /** The number of the next frame, from 0. */
  #index = 0;

  constructor(pattern: FramePattern, random: Random) {
    this.#pattern = pattern;
    this.#random = random;
  }

  take(count: number): Frame[] {
    return Array.from({ length: count }, () => this.#next());
  }

  #next(): Frame {
    const { extended, fd, brs, esi, remote } = this.#pattern.mix ? this.#randomKind() : this.#pattern;
    const format = extended ? FrameFormat.Extended : FrameFormat.Base;
    const identifier = this.#identifier(2 ** format);
    const length = this.#length(fd, remote);
    const frame = remote
      ? new RemoteFrame(format, identifier, length)
      : new DataFrame(format, identifier, this.#data(length), { fd, brs: fd && brs, esi: fd && esi });
    this.#index++;
    return frame;
  }

  /** Remote frames are always classic. */
  #randomKind(): FrameKind {
    const bits = this.#random.uint32();
    const has = (bit: number): boolean => ((bits >>> bit) & 1) === 1;
    const fd = this.#pattern.fd && has(0);
    return { extended: has(1), fd, brs: has(2), esi: has(3), remote: !fd && has(4) && has(5) };
  }

  /** @param count how many identifiers there are */
  #identifier(count: number): number {
    const { identifier } = this.#pattern;
    if (identifier === 'random') return this.#random.below(count);
    return (identifier === 'increment' ? this.#index : identifier) % count;
  }

  #length(fd: boolean, remote: boolean): number {
    const { length, data } = this.#pattern;
    const lengths = validLengths(fd);
    // Incremented data need at least one byte, as in cangen.
    const first = data === 'increment' && !remote ? 1 : 0;
    const choices = lengths.length - first;
    if (length === 'random') return lengths[first + this.#random.below(choices)] as number;
    if (length === 'increment') return lengths[first + (this.#index % choices)] as number;
    return Math.min(Math.max(length, first), lengths.at(-1) as number);
  }

  #data(length: number): Uint8Array {
    const { data } = this.#pattern;
    const bytes = new Uint8Array(length);
    if (data === 'random') {
      for (let i = 0; i < length; i++) bytes[i] = this.#random.uint32() >>> 24;
    } else if (data === 'increment') this.#writeIndex(bytes);
    else bytes.set(data.subarray(0, length));
    return bytes;
  }

  /** Writes the number of the frame into up to 8 bytes, little-endian, as cangen does. */
  #writeIndex(bytes: Uint8Array): void {
    let rest = this.#index;
    for (let i = 0; i < Math.min(bytes.length, 8); i++) {
      bytes[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
}
