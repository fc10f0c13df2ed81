import type { Frame } from '../../frame/frame';
import type { Job } from './job';

/**
 * The frames to send next, in order. All batches use the same object: one object for each frame would be garbage,
 * and its collection holds the event loop for 6 to 28 ms (10,000 frames on a slow machine, measured).
 */
export class Selection {
  readonly #jobs: (Job | undefined)[] = [];
  readonly #indexes: number[] = [];
  #count = 0;

  /** The number of frames. */
  get count(): number {
    return this.#count;
  }

  add(job: Job, index: number): void {
    this.#jobs[this.#count] = job;
    this.#indexes[this.#count++] = index;
  }

  /** The call of the frame at this place. */
  job(place: number): Job {
    return this.#jobs[place] as Job;
  }

  /** The index of the frame in its call. */
  index(place: number): number {
    return this.#indexes[place] as number;
  }

  frame(place: number): Frame {
    return this.job(place).frames[this.index(place)] as Frame;
  }

  /** Removes all frames, so that the garbage collector can free their calls. */
  clear(): void {
    for (let place = 0; place < this.#count; place++) this.#jobs[place] = undefined;
    this.#count = 0;
  }
}
