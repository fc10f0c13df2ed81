import { ENETDOWN } from '../../../src/libc/errno';
import { interfaceIndex } from '../fakes/interface-index';
import { leftovers } from '../asserts/leftovers';
import { until } from '../waiting/until';
import { RawWriter } from '../kernel/raw';

/** A frame that the kernel accepted: its number, which is its identifier, and a time right before the write. */
export interface Accepted {
  readonly number: number;
  /** Monotonic ns. */
  readonly ns: bigint;
}

const running = leftovers<NumberedTraffic>((each) => {
  each.stop();
});

/**
 * Writes an extended frame without data every few ms, numbered by its identifier. Keeps trying while the
 * interface is down or gone, so its first frame comes a few ms after the link is up.
 */
export class NumberedTraffic {
  readonly accepted: Accepted[] = [];
  /** Frames that the kernel refused because the link was down. */
  refused = 0;
  readonly #interfaceName: string;
  readonly #timer: NodeJS.Timeout | undefined;
  #writer: RawWriter | undefined;

  readonly #first: number;

  /**
   * @param gapMs between two frames; 0: only those of {@link write}
   * @param first the number of the first frame
   */
  constructor(interfaceName: string, gapMs = 3, first = 0) {
    this.#interfaceName = interfaceName;
    this.#first = first;
    running.add(this);
    if (gapMs > 0) this.#timer = setInterval(() => this.write(), gapMs);
  }

  get numbers(): number[] {
    return this.accepted.map(({ number }) => number);
  }

  /** Writes this many frames now. Returns how many the kernel accepted. */
  write(count = 1): number {
    const before = this.accepted.length;
    for (let i = 0; i < count; i++) this.#write();
    return this.accepted.length - before;
  }

  #write(): void {
    if (this.#writer === undefined) {
      if (interfaceIndex(this.#interfaceName) < 0) return;
      this.#writer = new RawWriter(this.#interfaceName);
    }
    const number = this.#first + this.accepted.length;
    const ns = process.hrtime.bigint();
    const result = this.#writer.writeFrame(0x80000000 + number, 0);
    if (result > 0) this.accepted.push({ number, ns });
    else if (result === -ENETDOWN) this.refused++;
    else this.#leave(); // ENXIO: the interface this writer was bound to is gone.
  }

  /** Waits for the first frame accepted at this time or later. */
  async firstSince(ns: bigint): Promise<Accepted> {
    const find = () => this.accepted.find((each) => each.ns >= ns);
    await until(() => find() !== undefined, `${this.#interfaceName} takes frames`);
    return find() as Accepted;
  }

  #leave(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#leave();
    running.delete(this);
  }
}
