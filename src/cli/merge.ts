import type { ReceivedFrame } from '../index';
import type { Source } from './listen';

interface Batch {
  readonly source: Source;
  readonly frames: readonly ReceivedFrame[];
}

/**
 * Puts the frames that several sockets hand over in one turn of the event loop into the order of their
 * times. What one socket hands over a turn later than another is not waited for.
 */
export class Merge {
  readonly #give: (source: Source, frames: readonly ReceivedFrame[]) => void;
  #batches: Batch[] = [];

  constructor(give: (source: Source, frames: readonly ReceivedFrame[]) => void) {
    this.#give = give;
  }

  add(source: Source, frames: readonly ReceivedFrame[]): void {
    if (this.#batches.length === 0) {
      setImmediate(() => {
        this.flush();
      });
    }
    this.#batches.push({ source, frames });
  }

  /** Gives out what there is, in runs of the same source. */
  flush(): void {
    const batches = this.#batches;
    this.#batches = [];
    const [first] = batches;
    if (first === undefined) return;
    if (batches.every(({ source }) => source === first.source)) {
      for (const { source, frames } of batches) this.#give(source, frames);
      return;
    }
    const all = batches.flatMap(({ source, frames }) => frames.map((frame) => ({ source, frame })));
    all.sort((a, b) => compare(a.frame.timestamp.monotonicNs, b.frame.timestamp.monotonicNs));
    for (let from = 0; from < all.length;) {
      const source = (all[from] as (typeof all)[0]).source;
      let to = from + 1;
      while (all[to]?.source === source) to++;
      this.#give(
        source,
        all.slice(from, to).map(({ frame }) => frame),
      );
      from = to;
    }
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
