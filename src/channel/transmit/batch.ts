import type { Job } from './job';

/**
 * The items to send next, in order. A queue uses one object for all of its batches: one object for each item would
 * be garbage, and its collection holds the event loop for 6 to 28 ms (10,000 frames on a slow machine, measured).
 */
export class Batch<T> {
  readonly #jobs: (Job<T> | undefined)[] = [];
  readonly #indexes: number[] = [];
  #count = 0;

  /** The number of items. */
  get count(): number {
    return this.#count;
  }

  add(job: Job<T>, index: number): void {
    this.#jobs[this.#count] = job;
    this.#indexes[this.#count++] = index;
  }

  /** The call of the item at this place. */
  job(place: number): Job<T> {
    return this.#jobs[place] as Job<T>;
  }

  /** The index of the item in its call. */
  index(place: number): number {
    return this.#indexes[place] as number;
  }

  item(place: number): T {
    return this.job(place).items[this.index(place)] as T;
  }

  /** Removes all items, so that the garbage collector can free their calls. */
  clear(): void {
    for (let place = 0; place < this.#count; place++) this.#jobs[place] = undefined;
    this.#count = 0;
  }
}
