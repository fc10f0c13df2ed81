import type { Clock, ClockTimer } from '../../clock';

/** Shortest time between two reports, in ms. */
const INTERVAL_MS = 1000;

/** Reports lost frames: the first loss immediately, later ones together once a second. */
export class LossReport {
  readonly #clock: Clock;
  readonly #report: (text: string) => void;
  #unreported = 0;
  #timer: ClockTimer | undefined;

  constructor(clock: Clock, report: (text: string) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  add(count: number): void {
    this.#unreported += count;
    if (this.#timer === undefined) this.#flush();
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#unreported === 0) return;
    this.#report(`lost ${this.#unreported} frames: the receive buffer was full`);
    this.#unreported = 0;
    this.#timer = this.#clock.setTimeout(() => {
      this.#flush();
    }, INTERVAL_MS);
    this.#timer.unref();
  }
}
