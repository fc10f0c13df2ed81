import type { Frame } from '../../frame';
import type { Job } from './job';

/**
 * The frames that are handed over next, in order. One is used for all batches: an object a frame would
 * be garbage, and collecting it is what holds an event loop longest (6 to 28 ms for 10,000 frames on a
 * slow machine, measured).
 */
export class Selection {
  readonly #jobs: (Job | undefined)[] = [];
  readonly #indexes: number[] = [];
  #count = 0;

  /** How many frames these are. */
  get count(): number {
    return this.#count;
  }

  add(job: Job, index: number): void {
    this.#jobs[this.#count] = job;
    this.#indexes[this.#count++] = index;
  }

  /** The call that the frame of this place is of. */
  job(place: number): Job {
    return this.#jobs[place] as Job;
  }

  /** The frame's index in its call. */
  index(place: number): number {
    return this.#indexes[place] as number;
  }

  frame(place: number): Frame {
    return this.job(place).frames[this.index(place)] as Frame;
  }

  /** None is left, and none is kept alive by this. */
  clear(): void {
    for (let place = 0; place < this.#count; place++) this.#jobs[place] = undefined;
    this.#count = 0;
  }
}
