import type { Frame } from '../frame/frame';
import type { FaultKind } from './faults';
import { decodeBytes, type FrameBytes } from './frame-bytes';

/** A frame that a bus has transmitted and recorded. */
export interface RecordedFrame {
  /** When the bus transmitted the frame, in ns of the bus's clock: monotonic, or virtual time. */
  readonly timeNs: bigint;
  /** The frame; undefined if its bytes are malformed, see `bytes`. */
  readonly frame: Frame | undefined;
  /** struct can_frame (16 bytes) or canfd_frame (72). */
  readonly bytes: Uint8Array;
  /** The fault that hit the frame; undefined for none. */
  readonly fault: FaultKind | undefined;
}

/** The record of the frames on a bus, from start() to stop(). */
export class Recording {
  #frames: RecordedFrame[] | undefined;

  /** The frames since start(); empty while the bus does not record. */
  get frames(): readonly RecordedFrame[] {
    return this.#frames ?? [];
  }

  /** Starts an empty record. */
  start(): void {
    this.#frames = [];
  }

  /** Ends the record and returns it. */
  stop(): readonly RecordedFrame[] {
    const { frames } = this;
    this.#frames = undefined;
    return frames;
  }

  /** Adds a frame while the bus records. */
  add(timeNs: bigint, bytes: FrameBytes, fault: FaultKind | undefined): void {
    this.#frames?.push({ timeNs, frame: decodeBytes(bytes), bytes, fault });
  }
}
