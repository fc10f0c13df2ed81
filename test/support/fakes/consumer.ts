import type { Ring } from '../../../src/poller/ring';
import type { PollRequest, RecordConsumer } from '../../../src/poller/consumer';
import { blockUntil } from '../processes/process';
import { numberOf, PACKET_RECORD, takeRecords } from '../traffic/records';

/** Receives from a descriptor that was just opened, without coalescing. */
export function requestFor(fd: number, slots: number, layout = PACKET_RECORD): PollRequest {
  return { fd, slots, layout, sinceNs: process.hrtime.bigint(), coalesceMs: 0 };
}

/** A consumer that logs every call in order. */
export class Recorder implements RecordConsumer {
  readonly numbers: number[] = [];
  readonly log: string[] = [];
  readonly times: bigint[] = [];
  turns = 0;
  /** The ring, from the first turn on. */
  ring: Ring | undefined;
  /** Records taken in a turn. */
  take = Infinity;
  /** Called in every turn, after it has taken its records. */
  onTurn: (() => void) | undefined;
  #waiting: { readonly done: () => boolean; readonly resolve: () => void }[] = [];

  onRecords(ring: Ring): boolean {
    this.turns++;
    this.ring = ring;
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

  onError(errno: number): void {
    this.log.push(`error ${errno}`);
    this.#settle();
  }

  onFailure(error: Error): void {
    this.log.push(`failure ${error.message}`);
    this.#settle();
  }

  /** Resolves when this is true; checks after every call of the consumer. */
  until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ done, resolve });
      this.#settle();
    });
  }

  /** Resolves when this many frames have arrived. */
  untilFrames(count: number): Promise<void> {
    return this.until(() => this.numbers.length >= count);
  }

  /** Stops this thread until the poller's thread has put this many frames into the ring in all. */
  blockUntilProduced(count: number): void {
    blockUntil(() => this.ring?.produced === count, `${count} frames in the ring`);
  }

  #settle(): void {
    this.#waiting = this.#waiting.filter(({ done, resolve }) => {
      if (!done()) return true;
      resolve();
      return false;
    });
  }
}
