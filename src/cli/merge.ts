import type { ReceivedFrame } from '../index';
import type { Source } from './listen';

/** Frames held at most while a socket is asked for older ones; above, they are handed over as they are. */
const MOST_HELD = 65_536;

/** What a merge needs to know of the sockets and of the time. */
export interface MergeSources {
  readonly count: number;
  /** Resolves when the socket has handed over all that the kernel had received for it before this call. */
  drain(index: number): Promise<void>;
  /** The clock of the frames: monotonic, in ns. */
  now(): bigint;
}

interface Held {
  readonly source: Source;
  readonly frame: ReceivedFrame;
}

/**
 * Puts the frames of several sockets into the order of their times. A frame is held until every other
 * socket can have none that is older: because it has handed over a later one, or because it has been
 * drained since. For a single frame this takes a turn of the event loop and the drain of the others.
 */
export class Merge {
  readonly #sources: MergeSources;
  readonly #give: (source: Source, frames: readonly ReceivedFrame[]) => void;
  #held: Held[] = [];
  /** By socket: no frame that it still hands over is older than this. */
  readonly #complete: bigint[];
  readonly #draining: boolean[];
  #immediate: NodeJS.Immediate | undefined;

  constructor(
    sources: MergeSources,
    give: (source: Source, frames: readonly ReceivedFrame[]) => void,
  ) {
    this.#sources = sources;
    this.#give = give;
    this.#complete = Array.from({ length: sources.count }, () => 0n);
    this.#draining = Array.from({ length: sources.count }, () => false);
  }

  /** @param frames of one socket, oldest first */
  add(source: Source, frames: readonly ReceivedFrame[]): void {
    for (const frame of frames) this.#held.push({ source, frame });
    const last = frames.at(-1);
    if (last !== undefined) this.#completeUntil(source.index, last.timestamp.monotonicNs);
    if (this.#held.length > MOST_HELD) this.flush();
    // What other sockets hand over in this turn may be all there is to wait for.
    else this.#releaseLater();
  }

  /** Hands over everything that is held. */
  flush(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#release(this.#sort().length);
  }

  #releaseLater(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#releaseComplete();
    });
  }

  /** Hands over the frames that can have no older ones behind them, and asks for those that others wait for. */
  #releaseComplete(): void {
    const held = this.#sort();
    const until = this.#complete.reduce((least, each) => (each < least ? each : least));
    const rest = held.findIndex(({ frame }) => frame.timestamp.monotonicNs > until);
    this.#release(rest < 0 ? held.length : rest);
    const latest = this.#held.at(-1)?.frame.timestamp.monotonicNs;
    if (latest === undefined) return;
    for (const [index, complete] of this.#complete.entries()) {
      if (complete < latest) this.#drain(index);
    }
  }

  #drain(index: number): void {
    if (this.#draining[index] === true) return;
    this.#draining[index] = true;
    const now = this.#sources.now();
    void this.#sources.drain(index).then(() => {
      this.#draining[index] = false;
      this.#completeUntil(index, now);
      this.#releaseLater();
    });
  }

  #completeUntil(index: number, ns: bigint): void {
    if (ns > (this.#complete[index] ?? 0n)) this.#complete[index] = ns;
  }

  #sort(): readonly Held[] {
    return this.#held.sort((a, b) =>
      compare(a.frame.timestamp.monotonicNs, b.frame.timestamp.monotonicNs),
    );
  }

  /** Hands over the first of those held, in runs of the same source. */
  #release(count: number): void {
    const due = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    for (let from = 0; from < due.length;) {
      const source = (due[from] as Held).source;
      let to = from + 1;
      while (due[to]?.source === source) to++;
      this.#give(
        source,
        due.slice(from, to).map(({ frame }) => frame),
      );
      from = to;
    }
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
