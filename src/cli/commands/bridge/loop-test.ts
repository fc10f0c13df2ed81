/** How long forwarding pauses for a test, in ms: what is on its way arrives in the first half. */
const PAUSE_MS = 100;
/** Below this part of the rate before the traffic has stopped. */
const STOPPED_PART = 0.25;
/** So many times in a row the traffic must stop with the forwarding. */
const STRIKES = 3;
/** So long after a strike the next suspicion is about the same. */
const MEMORY_NS = 5e9;
/** How long nobody is suspected again who has proved to be innocent: at first, and at most. */
const FIRST_TRUST_NS = 10e9;
const LONGEST_TRUST_NS = 300e9;

/** What a test works on; time is monotonic, in ns. */
export interface Subject {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Resolves when all that the kernel had received is counted. */
  drain(): Promise<void>;
  hold(): void;
  release(): void;
  /** Frames received so far. */
  received(): number;
}

/**
 * Finds out whether a suspicion is right: forwarding pauses for 100 ms, with what comes waiting. In a loop
 * nothing comes any more, for it is the bridge itself that keeps the frames going; any other source does
 * not care. A burst may end by chance in the pause, so it must be so three times in a row. For the
 * innocent it costs 100 ms of delay, and then not for 10 s, 30 s, ... 5 minutes.
 */
export class LoopTest {
  readonly #subject: Subject;
  #strikes = 0;
  #strikeNs = -Infinity;
  #trustedNs = -Infinity;
  #trustNs = FIRST_TRUST_NS;
  #running = false;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Whether a suspicion is to be followed now. */
  get ready(): boolean {
    return !this.#running && this.#subject.now() >= this.#trustedNs;
  }

  /**
   * @param rate frames received a second before
   * @returns true: it is a loop, and forwarding is still paused
   */
  async run(rate: number): Promise<boolean> {
    const subject = this.#subject;
    if (subject.now() - this.#strikeNs > MEMORY_NS) this.#strikes = 0;
    this.#running = true;
    subject.hold();
    await subject.sleep(PAUSE_MS / 2);
    await subject.drain();
    const before = subject.received();
    const beginNs = subject.now();
    await subject.sleep(PAUSE_MS / 2);
    await subject.drain();
    const expected = (rate * (subject.now() - beginNs)) / 1e9;
    const stopped = subject.received() - before < STOPPED_PART * expected;
    this.#running = false;
    if (stopped) {
      this.#strikes++;
      this.#strikeNs = subject.now();
      if (this.#strikes >= STRIKES) return true;
    } else {
      this.#strikes = 0;
      this.#trustedNs = subject.now() + this.#trustNs;
      this.#trustNs = Math.min(LONGEST_TRUST_NS, 3 * this.#trustNs);
    }
    subject.release();
    return false;
  }
}
