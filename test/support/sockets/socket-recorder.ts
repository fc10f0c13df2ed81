import { expect } from 'chai';
import { CANSocket, type CANSocketOptions, type Frame, type Timestamp } from '../../../src';
import { leftovers } from '../asserts/leftovers';
import { until } from '../waiting/until';
import type { NumberedTraffic } from '../traffic/numbered-traffic';

const CHANGES = ['down', 'up', 'gone', 'back'] as const;

/** Something a socket reported: a frame by its number, or an event by its name. */
export interface Entry {
  readonly what: number | string;
  /** The time that the socket reports. For 'error' and 'close', the time of the listener's call. */
  readonly at: Pick<Timestamp, 'monotonicNs'>;
  /** The time of the listener's call (monotonic ns). */
  readonly calledNs: bigint;
}

const open = leftovers<SocketRecorder>((each) => each.close());

/** A CANSocket that records its frames and events in order. */
export class SocketRecorder {
  readonly socket: CANSocket;
  readonly entries: Entry[] = [];
  readonly errors: (Error & { code?: string })[] = [];
  readonly #openedNs = process.hrtime.bigint();

  constructor(interfaceName: string, options: CANSocketOptions = {}) {
    this.socket = new CANSocket(interfaceName, options);
    open.add(this);
    this.socket.on('error', (error) => {
      this.errors.push(error);
      this.#record('error');
    });
    this.socket.on('close', () => {
      this.#record('close');
    });
  }

  #record(what: number | string, at?: Timestamp): void {
    const calledNs = process.hrtime.bigint();
    this.entries.push({ what, at: at ?? { monotonicNs: calledNs }, calledNs });
  }

  /** Listens to the events of the link. */
  follow(): this {
    for (const change of CHANGES) {
      this.socket.on(change, (at) => {
        this.#record(change, at);
      });
    }
    return this;
  }

  receive(): this {
    this.socket.on('frames', (frames) => {
      for (const { frame, timestamp } of frames) this.#record(numberOf(frame), timestamp);
    });
    return this;
  }

  /** The names of all events, without frames. */
  get events(): string[] {
    return this.entries.flatMap(({ what }) => (typeof what === 'string' ? [what] : []));
  }

  /** The events without 'down', which may occur before an interface is gone or when it is new. */
  get eventsExceptDown(): string[] {
    return this.events.filter((event) => event !== 'down');
  }

  /** The numbers of the frames. */
  get numbers(): number[] {
    return this.entries.flatMap(({ what }) => (typeof what === 'number' ? [what] : []));
  }

  /** Waits for an event, or for the frame of this number. */
  async until(what: number | string, count = 1): Promise<void> {
    const reported = () => this.entries.filter((each) => each.what === what).length >= count;
    await until(reported, `'${what}' (${count}) in [${this.events.join(', ')}], ${this.numbers.length} frames`);
  }

  /** Waits for this many frames in all. */
  async frames(count: number): Promise<void> {
    await until(() => this.numbers.length >= count, `${this.numbers.length} of ${count} frames`);
  }

  /**
   * Returns the ms from the first frame that the kernel accepted at this time or later until the socket
   * delivered that frame or a newer one. With a time at which the link was down, this is the recovery time.
   */
  async recovery(traffic: NumberedTraffic, sinceNs: bigint): Promise<number> {
    const first = await traffic.firstSince(sinceNs);
    const isNew = ({ what }: Entry) => typeof what === 'number' && what >= first.number;
    await until(() => this.entries.some(isNew), `a frame after number ${first.number}`);
    const { calledNs } = this.entries.find(isNew) as Entry;
    return Number(calledNs - first.ns) / 1e6;
  }

  /**
   * Stops the traffic. Asserts that every frame accepted before this time, when the interface was gone for
   * the first time, came before 'gone', and that no frame is missing after the first one that came later.
   * Returns a line with the counts.
   */
  async checkFrames(traffic: NumberedTraffic, goneNs: bigint): Promise<string> {
    traffic.stop();
    await this.until(traffic.numbers.length - 1);
    const before = traffic.accepted.filter(({ ns }) => ns < goneNs).map(({ number }) => number);
    const gone = this.entries.findIndex(({ what }) => what === 'gone');
    const [old, after] = [this.entries.slice(0, gone), this.entries.slice(gone)].map((entries) =>
      entries.flatMap(({ what }) => (typeof what === 'number' ? [what] : [])),
    );
    expect(old, "before 'gone'").to.deep.equal(before);
    const from = after?.[0] ?? NaN;
    expect(after, "after 'gone'").to.deep.equal(after?.map((_, index) => from + index));
    const missed = from - before.length;
    return `none of ${before.length} before is lost, ${missed} until it is open again, none after`;
  }

  /** Asserts that the times of the events never decrease, and that no event is reported before it happened. */
  checkTimes(): void {
    const events = this.entries.filter(({ what }) => typeof what === 'string');
    const ms = (ns: bigint) => (Number(ns - this.#openedNs) / 1e6).toFixed(3);
    const list = events.map(({ what, at }) => `${what} ${ms(at.monotonicNs)}`).join(', ');
    let before = this.#openedNs;
    for (const { what, at, calledNs } of events) {
      expect(at.monotonicNs >= before, `the time of '${what}' is not before the last in ms: ${list}`).to.be.true;
      expect(at.monotonicNs <= calledNs, `'${what}' happened before it was reported, in ms: ${list}`).to.be.true;
      before = at.monotonicNs;
    }
  }

  close(): Promise<void> {
    open.delete(this);
    return this.socket.close();
  }
}

function numberOf(frame: Frame): number | string {
  return 'identifier' in frame ? frame.identifier : String(frame);
}
