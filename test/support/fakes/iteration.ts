import { EventEmitter } from 'node:events';
import { Iteration, type IterationOptions } from '../../../src/channel/receive/iteration';
import type { ReceivedFrame } from '../../../src/raw/receive/received-frame';
import { frames } from '../traffic/frames';

/** Received frames whose identifiers count up from `first`. */
export function received(count: number, first = 0): ReceivedFrame[] {
  const timestamp = { systemNs: 1n, monotonicNs: 1n };
  return frames(count, first).map((frame) => ({ frame, timestamp, own: false, local: false }));
}

/** The number that `received` gave a frame. */
export function numberOf({ frame }: ReceivedFrame): number {
  return 'identifier' in frame ? frame.identifier : -1;
}

interface Events {
  frames: [frames: readonly ReceivedFrame[]];
  error: [error: Error];
  close: [];
}

/** An iteration of a socket whose part the test plays. */
export class IterationBench {
  readonly source = new EventEmitter<Events>();
  readonly iteration: Iteration<ReceivedFrame>;
  /** How many frames the iteration reported as lost. */
  lost = 0;

  constructor(options: IterationOptions = {}) {
    this.iteration = new Iteration<ReceivedFrame>(this.source, 'frames', options, (count) => {
      this.lost += count;
    });
  }

  /** Frames arrive in one batch. */
  bring(count: number, first = 0): void {
    this.source.emit('frames', received(count, first));
  }

  close(): void {
    this.source.emit('close');
  }

  fail(message: string): void {
    this.source.emit('error', new Error(message));
  }

  /** How many listeners the iteration has added to its source. */
  get listeners(): number {
    const { source } = this;
    return source.eventNames().reduce((count, name) => count + source.listenerCount(name), 0);
  }

  /** The outcome of one next(): the number of a frame, 'done', or the message of an error. */
  async next(): Promise<number | string> {
    try {
      const result = await this.iteration.next();
      return result.done === true ? 'done' : numberOf(result.value);
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** The outcomes up to the first that is not a frame. */
  async rest(): Promise<(number | string)[]> {
    const outcomes: (number | string)[] = [];
    do outcomes.push(await this.next());
    while (typeof outcomes.at(-1) === 'number');
    return outcomes;
  }
}
