import { ErrorFrame, FrameFormat, frameBits, RemoteFrame, type ReceivedFrame } from '../../../../index';
import type { Bus } from './bus';
import { Identifier } from './identifier';

/** What an identifier is known by: its 29 bits, format, kind and interface in one number. */
const EXTENDED = 2 ** 29;
const REMOTE = 2 ** 30;
const INTERFACE = 2 ** 31;

/** All that the monitor knows. What a frame costs is little: everything that can wait waits for the screen. */
export class Model {
  readonly buses: readonly Bus[];
  readonly #limit: number;
  readonly #identifiers = new Map<number, Identifier>();
  /** Frames of identifiers for which there was no room. */
  others = 0;
  /** Goes up whenever anything changes. */
  version = 0;

  /** @param limit how many identifiers are kept; the frames of any more are only counted */
  constructor(buses: readonly Bus[], limit: number) {
    this.buses = buses;
    this.#limit = limit;
  }

  get identifiers(): readonly Identifier[] {
    return [...this.#identifiers.values()];
  }

  /** How many identifiers are kept. */
  get size(): number {
    return this.#identifiers.size;
  }

  /** @param index of the interface on which they came */
  accept(index: number, frames: readonly ReceivedFrame[]): void {
    const bus = this.buses[index];
    if (bus === undefined) return;
    this.version++;
    for (const { frame, timestamp } of frames) {
      const atNs = Number(timestamp.monotonicNs);
      if (frame instanceof ErrorFrame) {
        bus.error(frame, atNs);
        continue;
      }
      bus.frames++;
      const key =
        frame.identifier +
        (frame.format === FrameFormat.Extended ? EXTENDED : 0) +
        (frame instanceof RemoteFrame ? REMOTE : 0) +
        INTERFACE * index;
      let known = this.#identifiers.get(key);
      if (known === undefined) {
        if (this.#identifiers.size >= this.#limit) {
          this.others++;
          bus.load.add(atNs, frameBits(frame));
          continue;
        }
        known = new Identifier(bus.name, index, frame);
        this.#identifiers.set(key, known);
      }
      known.update(frame, atNs);
      bus.load.add(atNs, known.bits);
    }
  }

  /**
   * Forgets all identifiers, and counts frames and error frames anew. What is known of the links and the
   * controllers stays, the load too, and what was dropped, as that is lost for good.
   */
  reset(): void {
    this.version++;
    this.#identifiers.clear();
    this.others = 0;
    for (const bus of this.buses) {
      bus.frames = 0;
      bus.errorFrames = 0;
      bus.lastError = undefined;
      bus.lastErrorNs = -Infinity;
    }
  }

  /** As it is now, for good: what is shown while the screen is paused. */
  clone(): Model {
    const copy = new Model(
      this.buses.map((bus) => bus.clone()),
      this.#limit,
    );
    for (const [key, each] of this.#identifiers) copy.#identifiers.set(key, each.clone());
    copy.others = this.others;
    copy.version = this.version;
    return copy;
  }
}
