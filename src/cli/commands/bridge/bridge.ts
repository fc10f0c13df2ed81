import { systemClock, type Clock } from '../../../clock';
import type { CANSocket } from '../../../index';
import { Failure } from '../../main/failures';
import { Direction, type DirectionObserver, type DirectionOptions } from './direction';
import { LoopDetector, type Side } from './loop-detector';
import { LoopTest } from './loop-test';

export interface BridgeOptions {
  /** The direction from the first socket to the second. */
  readonly forth?: DirectionOptions;
  /** The direction from the second socket to the first. False: forwards nothing in this direction. */
  readonly back?: DirectionOptions | false;
  /** Whether to fail when another bridge makes a loop with this one. Default true. */
  readonly loopCheck?: boolean;
  /** The clock of the loop check. */
  readonly clock?: Clock;
}

/**
 * Forwards frames between two sockets. The caller opens and closes them. They must not receive their own frames
 * (option `receiveOwn`, off by default), so that a single bridge does not make a loop.
 */
export class Bridge {
  readonly directions: readonly Direction[];
  /** Rejects when the bridge finds a loop or a socket fails for good. Never resolves. */
  readonly failure: Promise<never>;
  readonly #sockets: readonly CANSocket[];
  readonly #loopDetector = new LoopDetector();
  readonly #loopTest: LoopTest;
  readonly #loopCheck: boolean;
  readonly #now: () => number;
  #reject!: (error: Error) => void;
  #failed = false;

  constructor(a: CANSocket, b: CANSocket, { forth, back, loopCheck = true, clock = systemClock }: BridgeOptions = {}) {
    this.#sockets = [a, b];
    this.#now = () => Number(clock.now());
    this.#loopCheck = loopCheck;
    this.failure = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.failure.catch(() => undefined);
    for (const socket of this.#sockets) socket.on('error', this.#onError);
    const directions = [new Direction(a, b, forth, this.#observer(0, 1))];
    if (back !== false) directions.push(new Direction(b, a, back, this.#observer(1, 0)));
    this.directions = directions;
    this.#loopTest = new LoopTest({
      now: this.#now,
      sleep: (ms) =>
        new Promise((resolve) => {
          clock.setTimeout(resolve, ms);
        }),
      drain: () => this.#drain(),
      pause: () => {
        for (const each of directions) each.pause();
      },
      resume: () => {
        for (const each of directions) each.resume();
      },
      received: () => directions.reduce((sum, { statistics }) => sum + statistics.received, 0),
    });
  }

  /**
   * Stops receiving. Resolves when each frame received before has an outcome, after the directions' `timeoutMs` at the
   * latest.
   */
  async stop(): Promise<void> {
    const stopNs = process.hrtime.bigint();
    for (const each of this.directions) each.stopAt(stopNs);
    await this.#drain();
    await Promise.all(this.directions.map((each) => each.stop()));
    for (const socket of this.#sockets) socket.off('error', this.#onError);
  }

  async #drain(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.drain()));
  }

  readonly #onError = (error: Error): void => {
    // The owner of a socket reports the errors that do not close it.
    if (this.#sockets.some(({ state }) => state === 'closed')) this.#fail(error);
  };

  #observer(from: Side, to: Side): DirectionObserver {
    if (!this.#loopCheck) return {};
    return {
      onReceived: (frame) => {
        this.#loopDetector.received(from, frame, this.#now());
        if (this.#loopDetector.suspicious && this.#loopTest.ready && !this.#failed) void this.#testLoop();
      },
      onForward: (frame) => {
        this.#loopDetector.forwarded(to, frame);
      },
    };
  }

  async #testLoop(): Promise<void> {
    const isLoop = await this.#loopTest.run(this.#loopDetector.rate(this.#now()));
    this.#loopDetector.restart(this.#now());
    if (!isLoop) return;
    const names = this.#sockets.map(({ interfaceName }) => interfaceName).join(' and ');
    this.#fail(
      new Failure(
        `there is a loop: another bridge or gateway also forwards between ${names}. The same frames came again ` +
          'and again, and stopped whenever this bridge paused. Stop one of the two, or divide the identifiers ' +
          'between them by filters; --no-loop-check forwards nevertheless',
      ),
    );
  }

  #fail(error: Error): void {
    this.#failed = true;
    this.#reject(error);
  }
}
