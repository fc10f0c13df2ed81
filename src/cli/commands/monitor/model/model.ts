import { ErrorFrame, FrameFormat, frameBits, RemoteFrame, type ReceivedFrame } from '../../../../index';
import type { Bus } from './bus';
import { Identifier } from './identifier';

/** A row is identified by one number: 29 bits of identifier, then format, kind and interface. */
const EXTENDED = 2 ** 29;
const REMOTE = 2 ** 30;
const INTERFACE = 2 ** 31;

/** The state of the monitor. Adding a frame is cheap: everything else is computed when the screen is painted. */
export class Model {
  readonly buses: readonly Bus[];
  /** Frames of identifiers beyond the limit. */
  others = 0;
  /** Increases with every change. */
  version = 0;
  readonly #limit: number;
  readonly #identifiers = new Map<number, Identifier>();

  /** @param limit how many identifiers to keep. Frames of others are only counted */
  constructor(buses: readonly Bus[], limit: number) {
    this.buses = buses;
    this.#limit = limit;
  }

  get identifiers(): readonly Identifier[] {
    return [...this.#identifiers.values()];
  }

  /** The number of identifiers. */
  get size(): number {
    return this.#identifiers.size;
  }

  /** @param index the interface that received the frames */
  add(index: number, frames: readonly ReceivedFrame[]): void {
    const bus = this.buses[index];
    if (bus === undefined) return;
    this.version++;
    for (const { frame, timestamp } of frames) {
      const atNs = Number(timestamp.monotonicNs);
      if (frame instanceof ErrorFrame) {
        bus.addError(frame, atNs);
        continue;
      }
      bus.frames++;
      const key =
        frame.identifier +
        (frame.format === FrameFormat.Extended ? EXTENDED : 0) +
        (frame instanceof RemoteFrame ? REMOTE : 0) +
        INTERFACE * index;
      let row = this.#identifiers.get(key);
      if (row === undefined) {
        if (this.#identifiers.size >= this.#limit) {
          this.others++;
          bus.load.add(atNs, frameBits(frame));
          continue;
        }
        row = new Identifier(bus.name, index, frame);
        this.#identifiers.set(key, row);
      }
      row.update(frame, atNs);
      bus.load.add(atNs, row.bits);
    }
  }

  /**
   * Removes all identifiers and resets the counts of frames and error frames. Links, controllers, load and the count of
   * dropped frames stay.
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

  /** Returns a copy that does not change, to show while the screen is paused. */
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
