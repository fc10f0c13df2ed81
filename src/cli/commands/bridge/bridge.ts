import { systemClock, type Clock } from '../../../clock';
import type { CANSocket } from '../../../index';
import { Failure } from '../../main/command';
import { Direction, type DirectionOptions } from './direction';
import { LoopGuard, type Side } from './loop-guard';
import { LoopTest } from './loop-test';

export interface BridgeOptions {
  /** From the first socket to the second. */
  readonly forth?: DirectionOptions;
  /** From the second to the first; false: nothing goes that way. */
  readonly back?: DirectionOptions | false;
  /** Stop when another bridge makes a loop with this one. Default true. */
  readonly loopCheck?: boolean;
  /** The time of the loop check. */
  readonly clock?: Clock;
}

/**
 * Forwards frames between two sockets, which are the caller's to open and to close. They must not
 * receive what they sent themselves (`receiveOwn`), which is so by default: then a bridge alone makes
 * no loop.
 */
export class Bridge {
  readonly directions: readonly Direction[];
  /** Rejected when there is a loop, and when a socket fails for good; it is not resolved. */
  readonly failure: Promise<never>;
  readonly #sockets: readonly CANSocket[];
  readonly #guard = new LoopGuard();
  readonly #test: LoopTest;
  readonly #loopCheck: boolean;
  readonly #now: () => number;
  #fail: (error: Error) => void = () => undefined;
  #failed = false;

  constructor(a: CANSocket, b: CANSocket, { forth, back, loopCheck = true, clock = systemClock }: BridgeOptions = {}) {
    this.#sockets = [a, b];
    this.#now = () => Number(clock.now());
    this.#loopCheck = loopCheck;
    this.failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => undefined);
    for (const socket of this.#sockets) socket.on('error', this.#onError);
    const directions = [new Direction(a, b, forth, this.#events(0, 1))];
    if (back !== false) directions.push(new Direction(b, a, back, this.#events(1, 0)));
    this.directions = directions;
    this.#test = new LoopTest({
      now: this.#now,
      sleep: (ms) =>
        new Promise((resolve) => {
          clock.setTimeout(resolve, ms);
        }),
      drain: () => this.#drain(),
      hold: () => {
        for (const each of directions) each.hold();
      },
      release: () => {
        for (const each of directions) each.release();
      },
      received: () => directions.reduce((sum, { statistics }) => sum + statistics.received, 0),
    });
  }

  /**
   * Ends it: what had been received before is still forwarded, or counted as what has become of it.
   * Resolves then, after the directions' `timeoutMs` at the latest.
   */
  async stop(): Promise<void> {
    const endNs = process.hrtime.bigint();
    for (const each of this.directions) each.endAt(endNs);
    await this.#drain();
    await Promise.all(this.directions.map((each) => each.end()));
    for (const socket of this.#sockets) socket.off('error', this.#onError);
  }

  async #drain(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.drain()));
  }

  readonly #onError = (error: Error): void => {
    // What is not the end of a socket is for its owner to tell.
    if (this.#sockets.some(({ state }) => state === 'closed')) this.#end(error);
  };

  #events(from: Side, to: Side): ConstructorParameters<typeof Direction>[3] {
    if (!this.#loopCheck) return {};
    return {
      onReceived: (frame) => {
        this.#guard.received(from, frame, this.#now());
        if (this.#guard.suspicious && this.#test.ready && !this.#failed) void this.#investigate();
      },
      onForward: (frame) => {
        this.#guard.forwarded(to, frame);
      },
    };
  }

  async #investigate(): Promise<void> {
    const isLoop = await this.#test.run(this.#guard.rate(this.#now()));
    this.#guard.restart(this.#now());
    if (!isLoop) return;
    const names = this.#sockets.map(({ interfaceName }) => interfaceName).join(' and ');
    this.#end(
      new Failure(
        `there is a loop: another bridge or gateway forwards between ${names}, too. The same frames came ` +
          'again and again, and none came while this bridge held them back. Stop one of the two, or ' +
          'divide the identifiers between them by filters; --no-loop-check forwards nevertheless',
      ),
    );
  }

  #end(error: Error): void {
    this.#failed = true;
    this.#fail(error);
  }
}
