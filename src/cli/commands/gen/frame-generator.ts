import { DataFrame, FrameFormat, RemoteFrame, type Frame } from '../../../index';
import type { Random } from './random';

/** How a part of the frames changes from one to the next: cangen's r, i, or a fixed value. */
export type Change<T> = 'random' | 'increment' | T;

export interface Pattern {
  readonly identifier: Change<number>;
  /** Bytes of data. */
  readonly length: Change<number>;
  readonly data: Change<Uint8Array>;
  readonly extended: boolean;
  readonly fd: boolean;
  readonly brs: boolean;
  readonly esi: boolean;
  readonly remote: boolean;
  /** Base and extended, classic and CAN FD, data and remote, at random. */
  readonly mix: boolean;
}

const CLASSIC_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const FD_LENGTHS = [...CLASSIC_LENGTHS, 12, 16, 20, 24, 32, 48, 64];

/** What kind of frame is next. */
type Shape = Pick<Pattern, 'extended' | 'fd' | 'brs' | 'esi' | 'remote'>;

/** Makes frames one after another from a pattern, the same from the same seed. */
export class FrameSource {
  readonly #pattern: Pattern;
  readonly #random: Random;
  /** How many frames were made: what increments begins with 0. */
  #number = 0;

  constructor(pattern: Pattern, random: Random) {
    this.#pattern = pattern;
    this.#random = random;
  }

  take(count: number): Frame[] {
    return Array.from({ length: count }, () => this.next());
  }

  next(): Frame {
    const shape = this.#pattern.mix ? this.#mixed() : this.#pattern;
    const format = shape.extended ? FrameFormat.Extended : FrameFormat.Base;
    const identifier = this.#identifier(2 ** format);
    const length = this.#length(shape);
    const frame = shape.remote
      ? new RemoteFrame(format, identifier, length)
      : new DataFrame(format, identifier, this.#data(length), {
          fd: shape.fd,
          brs: shape.fd && shape.brs,
          esi: shape.fd && shape.esi,
        });
    this.#number++;
    return frame;
  }

  /** A remote frame is classic always. CAN FD only where the pattern allows it. */
  #mixed(): Shape {
    const bits = this.#random.uint32();
    const has = (bit: number): boolean => ((bits >>> bit) & 1) === 1;
    const fd = this.#pattern.fd && has(0);
    return { extended: has(1), fd, brs: has(2), esi: has(3), remote: !fd && has(4) && has(5) };
  }

  #identifier(count: number): number {
    const { identifier } = this.#pattern;
    if (identifier === 'random') return this.#random.below(count);
    return (identifier === 'increment' ? this.#number : identifier) % count;
  }

  #length({ fd, remote }: Shape): number {
    const { length, data } = this.#pattern;
    const lengths = fd ? FD_LENGTHS : CLASSIC_LENGTHS;
    const most = lengths.at(-1) ?? 8;
    // Data that increment need a byte, as in cangen.
    const least = data === 'increment' && !remote ? 1 : 0;
    if (length === 'random') return lengths[least + this.#random.below(lengths.length - least)] ?? 8;
    if (length === 'increment') {
      return lengths[least + (this.#number % (lengths.length - least))] ?? 8;
    }
    return Math.min(Math.max(length, least), most);
  }

  #data(length: number): Uint8Array {
    const { data } = this.#pattern;
    const bytes = new Uint8Array(length);
    if (data === 'random') {
      for (let i = 0; i < length; i++) {
        bytes[i] = this.#random.uint32() >>> 24;
      }
    } else if (data === 'increment') this.#count(bytes);
    else bytes.set(data.subarray(0, length));
    return bytes;
  }

  /** The number of the frame, the lowest byte first, as cangen has it. */
  #count(bytes: Uint8Array): void {
    let rest = this.#number;
    for (let i = 0; i < Math.min(bytes.length, 8); i++) {
      bytes[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
}
