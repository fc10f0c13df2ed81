/** The first and the longest wait for room, in ns. The wait doubles each time in between. */
const FIRST_WAIT_NS = 1_000_000n;
const LONGEST_WAIT_NS = 4_000_000n;

/** The wait while the link is down, in ns. Usually {@link Backoff.end} ends it earlier. */
const LINK_WAIT_NS = 100_000_000n;

/** The number of items to offer after a wait: usually there is room for few, and each must be encoded. */
const PROBE = 16;

/**
 * How long a queue waits after the kernel accepted nothing, and how many items it offers afterwards.
 *
 * It waits by a timer, because poll(2) does not report when there is room: with a full queue it returns at once
 * (ENOBUFS), or 1.8 s late (EAGAIN); both measured.
 */
export class Backoff {
  readonly #batchSize: number;
  #roomWaitNs = FIRST_WAIT_NS;
  #until: bigint | undefined;
  #offer: number;

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
    this.#offer = batchSize;
  }

  /** The end of the wait (monotonic ns); undefined: no wait. */
  get until(): bigint | undefined {
    return this.#until;
  }

  /** The number of items to offer next: few after a wait, twice as many each time the kernel accepts all. */
  get offer(): number {
    return this.#offer;
  }

  /** Whether the wait lasts beyond this time (monotonic ns). */
  waits(now: bigint): boolean {
    if (this.#until !== undefined && now < this.#until) return true;
    this.#until = undefined;
    return false;
  }

  /** Ends the wait. */
  end(): void {
    this.#until = undefined;
  }

  /** The kernel accepted this many items. */
  accepted(count: number): void {
    if (count === this.#offer) this.#offer = Math.min(2 * count, this.#batchSize);
    this.#roomWaitNs = FIRST_WAIT_NS;
  }

  /** The kernel has no room at this time (monotonic ns). */
  full(now: bigint): void {
    this.#start(now + this.#roomWaitNs);
    this.#roomWaitNs = this.#roomWaitNs * 2n < LONGEST_WAIT_NS ? this.#roomWaitNs * 2n : LONGEST_WAIT_NS;
  }

  /** The link is down at this time (monotonic ns). When it is up again, the first wait for room is short. */
  linkDown(now: bigint): void {
    this.#start(now + LINK_WAIT_NS);
    this.#roomWaitNs = FIRST_WAIT_NS;
  }

  #start(until: bigint): void {
    this.#until = until;
    this.#offer = Math.min(PROBE, this.#batchSize);
  }
}
