import type { Clock, ClockImmediate, ClockTimer } from '../../clock';
import type { ReceivedFrame } from '../../index';

/** The largest number of frames to hold. With more, the merge delivers all of them, in the order known by then. */
const MAX_HELD = 65_536;

/** Shortest time between two drains, in ns: a drain costs as much as several frames. */
const DRAIN_INTERVAL_NS = 5_000_000n;

/** The interface that a frame came from. */
export interface FrameOrigin {
  readonly interfaceName: string;
  /** Its position on the command line, from 0. */
  readonly index: number;
}

/** The sockets whose frames are merged. */
export interface MergeSources {
  readonly count: number;
  /** The clock of the frames' timestamps. */
  readonly clock: Clock;
  /** Resolves when the socket has delivered everything that the kernel had received for it before this call. */
  drain(index: number): Promise<void>;
}

/** Takes frames and losses in the order of their times. */
export interface MergeConsumer {
  onFrames(origin: FrameOrigin, frames: readonly ReceivedFrame[]): void;
  onLost(origin: FrameOrigin, count: number): void;
}

/** A frame that is held, or a loss after the last frame of its socket. */
interface HeldItem {
  readonly origin: FrameOrigin;
  readonly ns: bigint;
  readonly frame?: ReceivedFrame;
  readonly lost?: number;
}

/**
 * Sorts the frames of several sockets by their times. It holds a frame until no other socket can deliver an older one:
 * until each has delivered a later one or has been drained since. This takes one turn of the event loop and a drain of
 * the silent sockets, or 5 ms if frames arrive in quick succession.
 */
export class Merge {
  readonly #sources: MergeSources;
  readonly #consumer: MergeConsumer;
  #held: HeldItem[] = [];
  /** For each socket, a lower bound for the times of the frames that it will deliver. */
  readonly #complete: bigint[];
  readonly #draining: boolean[];
  #immediate: ClockImmediate | undefined;
  #timer: ClockTimer | undefined;
  #drainedNs: bigint | undefined;

  constructor(sources: MergeSources, consumer: MergeConsumer) {
    this.#sources = sources;
    this.#consumer = consumer;
    this.#complete = Array.from({ length: sources.count }, () => 0n);
    this.#draining = Array.from({ length: sources.count }, () => false);
  }

  /** @param frames of one socket, oldest first */
  add(origin: FrameOrigin, frames: readonly ReceivedFrame[]): void {
    for (const frame of frames) {
      this.#held.push({ origin, ns: frame.timestamp.monotonicNs, frame });
    }
    const last = frames.at(-1);
    if (last !== undefined) this.#completeUntil(origin.index, last.timestamp.monotonicNs);
    if (this.#held.length > MAX_HELD) this.flush();
    // The other sockets may deliver their frames in this turn, too.
    else this.#releaseLater();
  }

  /** Adds a loss of frames after those that the socket has delivered. */
  addLost(origin: FrameOrigin, count: number): void {
    this.#held.push({ origin, ns: this.#complete[origin.index] ?? 0n, lost: count });
    this.#releaseLater();
  }

  /** Delivers everything that is held. */
  flush(): void {
    const { clock } = this.#sources;
    clock.clearImmediate(this.#immediate);
    clock.clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
    this.#release(this.#sort().length);
  }

  #releaseLater(): void {
    this.#immediate ??= this.#sources.clock.setImmediate(() => {
      this.#immediate = undefined;
      this.#releaseComplete();
    });
  }

  /** Delivers the frames that no older frame can follow, and drains the sockets that block the others. */
  #releaseComplete(): void {
    const held = this.#sort();
    const until = this.#complete.reduce((least, each) => (each < least ? each : least));
    const rest = held.findIndex(({ ns }) => ns > until);
    this.#release(rest < 0 ? held.length : rest);
    if (this.#held.length > 0) this.#drainSoon();
  }

  #drainSoon(): void {
    if (this.#timer !== undefined) return;
    const { clock } = this.#sources;
    const now = clock.now();
    const dueNs = this.#drainedNs === undefined ? now : this.#drainedNs + DRAIN_INTERVAL_NS;
    if (dueNs <= now) this.#drainSilent(now);
    else {
      const ms = Math.ceil(Number(dueNs - now) / 1e6);
      this.#timer = clock.setTimeout(() => {
        this.#timer = undefined;
        this.#releaseComplete();
      }, ms);
    }
  }

  #drainSilent(now: bigint): void {
    const latest = this.#held.at(-1)?.ns ?? 0n;
    for (const [index, complete] of this.#complete.entries()) {
      if (complete >= latest || this.#draining[index] === true) continue;
      this.#drainedNs = now;
      this.#draining[index] = true;
      const done = (): void => {
        this.#draining[index] = false;
        this.#completeUntil(index, now);
        this.#releaseLater();
      };
      // A socket that cannot be drained delivers nothing, so nothing waits for it.
      this.#sources.drain(index).then(done, done);
    }
  }

  #completeUntil(index: number, ns: bigint): void {
    if (ns > (this.#complete[index] ?? 0n)) this.#complete[index] = ns;
  }

  #sort(): readonly HeldItem[] {
    return this.#held.sort((a, b) => compare(a.ns, b.ns));
  }

  /** Delivers the first `count` held frames, in runs of the same socket. */
  #release(count: number): void {
    const due = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    let run: ReceivedFrame[] = [];
    for (const [index, { origin, frame, lost }] of due.entries()) {
      if (frame !== undefined) run.push(frame);
      const next = due[index + 1];
      const ends = next?.frame === undefined || next.origin !== origin;
      if (ends && run.length > 0) {
        this.#consumer.onFrames(origin, run);
        run = [];
      }
      if (lost !== undefined) this.#consumer.onLost(origin, lost);
    }
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
