import { systemClock, type Clock, type ClockImmediate, type ClockTimer } from '../clock';
import { clock_gettime } from '../libc/clock';
import { CLOCK_REALTIME } from '../libc/constants';
import { watchReadable, type ReadableWatch } from '../libc/readable';
import { ClockOffset } from './clock-offset';
import { Coalescing } from './coalescing';
import type { PollRequest, RecordConsumer, Registration } from './consumer';
import { ConsumerSide } from './consumer-side';
import { PolledSocket } from './polled-socket';
import { Ring } from './ring';

/** The largest ring: two batches. Each is consumed at once, and memory that is reused soon stays in the cache. */
const MAX_SLOTS = 128;

const clockOffset = new ClockOffset();

/**
 * The poller 'loop', one for each socket: receives on the main thread when the event loop reports the socket as
 * readable. While the main thread is busy, nobody receives.
 */
export class LoopPoller implements Registration {
  readonly #clock: Clock;
  readonly #socket: PolledSocket;
  readonly #side: ConsumerSide;
  readonly #watch: ReadableWatch;
  readonly #coalescing: Coalescing;
  #referenced = true;
  #turn: ClockImmediate | undefined;
  /** Runs while reading is paused. */
  #pause: ClockTimer | undefined;

  constructor(request: PollRequest, consumer: RecordConsumer, clock = systemClock) {
    clockOffset.calibrate(
      () => process.hrtime.bigint(),
      () => clock_gettime(CLOCK_REALTIME),
    );
    this.#clock = clock;
    this.#coalescing = new Coalescing(request.coalesceMs, clock);
    const ring = Ring.create(Math.min(request.slots, MAX_SLOTS), request.layout);
    // It reads again by itself as soon as the ring has room.
    const side = new ConsumerSide(ring, consumer, () => undefined);
    this.#side = side;
    const listener = {
      onRecords: () => {
        side.consume();
      },
      onError: (errno: number, monotonicNs: bigint, final: boolean) => {
        side.reportError(errno, monotonicNs, final);
      },
      onDrained: (ticket: number) => {
        side.settle(ticket);
      },
    };
    this.#socket = new PolledSocket(request.fd, ring, request.sinceNs, clockOffset, listener, 1);
    this.#watch = watchReadable(request.fd, () => {
      this.#readLater();
    });
  }

  /** Calls of recvmmsg(2) so far. */
  get reads(): number {
    return this.#socket.calls;
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    if (this.#side.stopped) return;
    this.#watch.setReferenced(referenced);
    if (referenced) this.#pause?.ref();
    else this.#pause?.unref();
  }

  drain(): Promise<void> {
    if (this.#side.stopped) return Promise.resolve();
    const drained = this.#side.drain((ticket) => {
      this.#socket.drain(ticket);
    });
    this.#readLater();
    return drained;
  }

  remove(): Promise<void> {
    if (!this.#side.stopped) {
      this.#side.stop();
      this.#socket.end();
      this.#watch.close();
      this.#clock.clearImmediate(this.#turn);
      this.#clock.clearTimeout(this.#pause);
      this.#side.settleAll();
    }
    return Promise.resolve();
  }

  /** Reads in the next phase of immediates, where a consumer runs like any other callback of Node.js. */
  #readLater(): void {
    if (this.#side.stopped) return;
    this.#turn ??= this.#clock.setImmediate(() => {
      this.#turn = undefined;
      this.#read();
    });
  }

  #read(): void {
    if (this.#pause !== undefined) {
      this.#clock.clearTimeout(this.#pause);
      this.#pause = undefined;
    }
    if (this.#side.hasRecords()) {
      this.#side.consume();
      // Records that are left get a turn of their own.
      if (this.#side.hasRecords()) {
        this.#readLater();
        return;
      }
    }
    const readable = this.#socket.read();
    if (this.#side.stopped) return;
    const { packets, unfinished } = this.#socket;
    if (unfinished || this.#side.hasRecords()) this.#readLater();
    const ms = readable ? this.#coalescing.after(packets) : 0;
    if (!readable || ms > 0) this.#watch.pause();
    else this.#watch.resume();
    if (ms === 0) return;
    this.#pause = this.#clock.setTimeout(() => {
      this.#read();
    }, ms);
    if (!this.#referenced) this.#pause.unref();
  }
}
