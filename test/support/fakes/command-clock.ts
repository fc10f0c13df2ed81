import { setImmediate as turn } from 'node:timers/promises';
import type { VirtualBus } from '../../../src';
import { FakeClock, MS } from './clock';

/**
 * A clock for a command that runs in this process. A virtual bus records at which time of this clock each
 * frame passes, counted from the time when the clock was made.
 */
export class CommandClock extends FakeClock {
  readonly #bus: VirtualBus | undefined;
  readonly #startNs: bigint;

  constructor(bus?: VirtualBus) {
    const startNs = 1000n * MS;
    super(startNs);
    this.#startNs = startNs;
    this.#bus = bus?.configure({ virtualTime: true });
  }

  override setTimeout(run: () => void, ms: number): ReturnType<FakeClock['setTimeout']> {
    return super.setTimeout(() => {
      this.#advanceBus();
      run();
    }, ms);
  }

  override spend(ns: bigint): void {
    super.spend(ns);
    this.#advanceBus();
  }

  /**
   * Lets time pass whenever the command waits for a timer, until the promise settles. Files and pipes take
   * turns of the real event loop, in which no time passes.
   */
  async drive<T>(running: Promise<T>): Promise<T> {
    const progress = { settled: false };
    const end = (): void => {
      progress.settled = true;
    };
    running.then(end, end);
    while (!progress.settled) {
      await turn();
      const [next] = this.waits;
      if (next !== undefined) await this.advance(next);
    }
    return running;
  }

  #advanceBus(): void {
    if (this.#bus !== undefined) this.#bus.advance(this.now() - this.#startNs - this.#bus.now);
  }
}
