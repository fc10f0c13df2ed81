import type { Reading, Ring, Sink } from '../../../src/poller';
import { numberOf, takeRecords } from '../traffic/records';

/** To receive from this descriptor, which was opened just now, without waiting. */
export function readingOf(fd: number, slots: number): Reading {
  return { fd, slots, sinceNs: process.hrtime.bigint(), coalesceMs: 0 };
}

/** A sink that keeps what it is told, in order. */
export class Recorder implements Sink {
  readonly numbers: number[] = [];
  readonly log: string[] = [];
  readonly times: bigint[] = [];
  turns = 0;
  /** Records taken in a turn. */
  take = Infinity;
  /** Called in every turn, after the records were taken. */
  onTurn: (() => void) | undefined;
  #waiting: { readonly done: () => boolean; readonly resolve: () => void }[] = [];

  onRecords(ring: Ring): boolean {
    this.turns++;
    for (const { frame, monotonicNs } of takeRecords(ring, Math.min(ring.available, this.take))) {
      const number = frame.byteLength === 0 ? -1 : numberOf(frame);
      this.numbers.push(number);
      this.log.push(`frame ${number}`);
      this.times.push(monotonicNs);
    }
    this.#settle();
    this.onTurn?.();
    return ring.available > 0;
  }

  onFault(errno: number): void {
    this.log.push(`fault ${errno}`);
    this.#settle();
  }

  onFailure(error: Error): void {
    this.log.push(`failure ${error.message}`);
    this.#settle();
  }

  /** Resolves when this is true, looked at after everything the sink is told. */
  until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ done, resolve });
      this.#settle();
    });
  }

  /** Resolves when so many frames have come. */
  untilFrames(count: number): Promise<void> {
    return this.until(() => this.numbers.length >= count);
  }

  #settle(): void {
    this.#waiting = this.#waiting.filter(({ done, resolve }) => {
      if (!done()) return true;
      resolve();
      return false;
    });
  }
}
