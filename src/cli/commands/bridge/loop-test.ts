/** How long a test pauses forwarding, in ms. Frames on their way arrive in the first half; the second half counts. */
const PAUSE_MS = 100;
/** The traffic has stopped if its rate is below this part of the rate before the pause. */
const STOPPED_PART = 0.25;
/** How many tests in a row must stop the traffic to prove a loop. */
const STOPS_IN_A_ROW = 3;
/** After this time a test that stopped the traffic no longer counts. */
const STOP_EXPIRY_NS = 5e9;
/** How long no test runs after one that did not stop the traffic. Each time three times longer, up to the maximum. */
const FIRST_RETRY_NS = 10e9;
const LONGEST_RETRY_NS = 300e9;

/** The forwarding that a test controls. */
export interface Forwarding {
  /** Monotonic, in ns. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Resolves when all frames that the kernel has received by now are counted. */
  drain(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Frames received so far. */
  received(): number;
}

/**
 * Tests whether there is a loop by pausing the forwarding for 100 ms, while received frames wait. The bridge keeps a
 * loop going, so in a loop the traffic stops; traffic from other sources continues. A burst may end by chance during
 * the pause, so the traffic must stop three times in a row. Traffic that continues is delayed by 100 ms, and is not
 * tested again for 10 s, then 30 s, and so on up to 5 minutes.
 */
export class LoopTest {
  readonly #forwarding: Forwarding;
  #running = false;
  /** Tests in a row that stopped the traffic, and when the last of them ended. */
  #stops = 0;
  #stoppedNs = -Infinity;
  /** No test starts before this time. */
  #nextNs = -Infinity;
  #retryNs = FIRST_RETRY_NS;

  constructor(forwarding: Forwarding) {
    this.#forwarding = forwarding;
  }

  /** Whether a test may start now. */
  get ready(): boolean {
    return !this.#running && this.#forwarding.now() >= this.#nextNs;
  }

  /**
   * @param rate frames per second received before the test
   * @returns true if there is a loop; then forwarding stays paused
   */
  async run(rate: number): Promise<boolean> {
    const forwarding = this.#forwarding;
    if (forwarding.now() - this.#stoppedNs > STOP_EXPIRY_NS) this.#stops = 0;
    this.#running = true;
    forwarding.pause();
    const stopped = await this.#hasStopped(rate);
    this.#running = false;
    if (stopped) {
      this.#stops++;
      this.#stoppedNs = forwarding.now();
      if (this.#stops >= STOPS_IN_A_ROW) return true;
    } else {
      this.#stops = 0;
      this.#nextNs = forwarding.now() + this.#retryNs;
      this.#retryNs = Math.min(LONGEST_RETRY_NS, 3 * this.#retryNs);
    }
    forwarding.resume();
    return false;
  }

  /** Whether few frames arrive during a pause. */
  async #hasStopped(rate: number): Promise<boolean> {
    const forwarding = this.#forwarding;
    await forwarding.sleep(PAUSE_MS / 2);
    await forwarding.drain();
    const before = forwarding.received();
    const beginNs = forwarding.now();
    await forwarding.sleep(PAUSE_MS / 2);
    await forwarding.drain();
    const expected = (rate * (forwarding.now() - beginNs)) / 1e9;
    return forwarding.received() - before < STOPPED_PART * expected;
  }
}
