import type { Clock, ClockImmediate, ClockTimer } from '../../clock';
import type { ReceivedFrame } from '../../index';
import type { Source } from './listen';

/** Frames that wait at most. Above, they are handed over in the order of what is there. */
const MOST_HELD = 65_536;

/** A silent socket is drained this often at most, in ns: a drain costs as much as several frames. */
const DRAIN_EVERY_NS = 5_000_000n;

/** The sockets whose frames are put in order. */
export interface MergeSources {
  readonly count: number;
  /** Resolves when the socket has delivered everything that the kernel had received for it before this call. */
  drain(index: number): Promise<void>;
  /** Its time is that of the frames. */
  readonly clock: Clock;
}

/** Takes frames and losses in the order of their times. */
export interface MergeOutlet {
  onFrames(source: Source, frames: readonly ReceivedFrame[]): void;
  onLost(source: Source, count: number): void;
}

/** A frame that waits, or a loss behind the last frame of its socket. */
interface Held {
  readonly source: Source;
  readonly ns: bigint;
  readonly frame?: ReceivedFrame;
  readonly lost?: number;
}

/**
 * Puts the frames of several sockets into the order of their times. A frame waits until no other socket can
 * deliver an older one: until each has delivered a later one, or has been drained since. This takes a turn of
 * the event loop and a drain of the silent sockets, 5 ms where frames come in quick succession.
 */
export class Merge {
  readonly #sources: MergeSources;
  readonly #outlet: MergeOutlet;
  #held: Held[] = [];
  /** By socket: every frame that it still delivers is at least this late. */
  readonly #complete: bigint[];
  readonly #draining: boolean[];
  #immediate: ClockImmediate | undefined;
  #timer: ClockTimer | undefined;
  #drainedNs: bigint | undefined;

  constructor(sources: MergeSources, outlet: MergeOutlet) {
    this.#sources = sources;
    this.#outlet = outlet;
    this.#complete = Array.from({ length: sources.count }, () => 0n);
    this.#draining = Array.from({ length: sources.count }, () => false);
  }

  /** @param frames of one socket, oldest first */
  add(source: Source, frames: readonly ReceivedFrame[]): void {
    for (const frame of frames) {
      this.#held.push({ source, ns: frame.timestamp.monotonicNs, frame });
    }
    const last = frames.at(-1);
    if (last !== undefined) this.#completeUntil(source.index, last.timestamp.monotonicNs);
    if (this.#held.length > MOST_HELD) this.flush();
    // What other sockets deliver in this turn may be all there is to wait for.
    else this.#releaseLater();
  }

  /** Frames were lost behind those that the socket has delivered. */
  addLost(source: Source, count: number): void {
    this.#held.push({ source, ns: this.#complete[source.index] ?? 0n, lost: count });
    this.#releaseLater();
  }

  /** Hands over everything that waits. */
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

  /** Hands over what no older frame can follow, and drains the sockets that the rest waits for. */
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
    const dueNs = this.#drainedNs === undefined ? now : this.#drainedNs + DRAIN_EVERY_NS;
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
      // A socket that cannot be drained delivers nothing: nobody waits for it.
      this.#sources.drain(index).then(done, done);
    }
  }

  #completeUntil(index: number, ns: bigint): void {
    if (ns > (this.#complete[index] ?? 0n)) this.#complete[index] = ns;
  }

  #sort(): readonly Held[] {
    return this.#held.sort((a, b) => compare(a.ns, b.ns));
  }

  /** Hands over the first of those that wait, in runs of the same socket. */
  #release(count: number): void {
    const due = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    let run: ReceivedFrame[] = [];
    for (const [index, { source, frame, lost }] of due.entries()) {
      if (frame !== undefined) run.push(frame);
      const next = due[index + 1];
      const ends = next?.frame === undefined || next.source !== source;
      if (ends && run.length > 0) {
        this.#outlet.onFrames(source, run);
        run = [];
      }
      if (lost !== undefined) this.#outlet.onLost(source, lost);
    }
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
