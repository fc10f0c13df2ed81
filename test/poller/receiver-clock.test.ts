import { expect } from 'chai';
import * as fc from 'fast-check';
import { CLOCK_REALTIME, SOL_SOCKET, SO_TIMESTAMPNS_NEW } from '../../src/libc/constants';
import { recvmmsg } from '../../src/libc/message';
import { Receiver, receiverCalls } from '../../src/poller/receiver';
import { Ring } from '../../src/poller/ring';
import { int64s, setControl } from '../support/fakes/control';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { PACKET_RECORD, takeRecords } from '../support/traffic/records';
const SECOND = 1_000_000_000n;

/** Receives with clocks that stand still until the test moves them, and timestamps frames by these clocks. */
class Bench implements Disposable {
  mono = 5000n * SECOND + 7n;
  offset = 1_700_000_000n * SECOND + 13n;
  readonly #pair = new Pair();
  readonly #ring: Ring;
  readonly #receiver: Receiver;
  readonly #stamps: bigint[] = [];
  readonly since = this.mono;

  constructor(slots = 128) {
    this.#ring = Ring.create(slots, PACKET_RECORD);
    this.#receiver = new Receiver(this.#pair.near, this.#ring, this.since, {
      ...receiverCalls,
      clock_gettime: (clock) => (clock === CLOCK_REALTIME ? this.real : this.mono),
      recvmmsg: (fd, headers, first, count, flags) => {
        const received = recvmmsg(fd, headers, first, count, flags);
        for (let i = 0; i < received; i++) {
          const ns = this.#stamps.shift() as bigint;
          const data = int64s(ns / SECOND, ns % SECOND);
          setControl(headers, first + i, [{ level: SOL_SOCKET, type: SO_TIMESTAMPNS_NEW, data }]);
        }
        return received;
      },
    });
  }

  get real(): bigint {
    return this.mono + this.offset;
  }

  /** A frame arrives now. */
  arrive(): bigint {
    if (!this.#pair.send(classicBytes(1))) throw new Error('The socket is full');
    this.#stamps.push(this.real);
    return this.mono;
  }

  /** Receives one batch and returns the monotonic times of its frames. */
  receive(): bigint[] {
    this.#receiver.receive();
    return takeRecords(this.#ring).map(({ monotonicNs }) => monotonicNs);
  }

  [Symbol.dispose](): void {
    this.#pair[Symbol.dispose]();
  }
}

describe('the monotonic time of a frame', () => {
  it('is its time of arrival for each of 150 frames that wait, read in batches of 64', () => {
    using bench = new Bench();
    const arrivals: bigint[] = [];
    for (let i = 0; i < 150; i++) {
      bench.mono += 1_000_003n;
      arrivals.push(bench.arrive());
    }
    const times: bigint[] = [];
    for (const count of [64, 64, 22]) {
      bench.mono += SECOND;
      const batch = bench.receive();
      expect(batch).to.have.lengthOf(count);
      times.push(...batch);
    }
    expect([times[63], times[64], times[149]]).to.deep.equal([arrivals[63], arrivals[64], arrivals[149]]);
    expect(times).to.deep.equal(arrivals);
  });

  it('is its time of arrival to the nanosecond while nobody sets the system clock', () => {
    using bench = new Bench();
    const arrivals: bigint[] = [];
    for (let i = 0n; i < 20n; i++) {
      bench.mono += i * 54_321_987n;
      arrivals.push(bench.arrive());
    }
    bench.mono += 3n * SECOND;
    expect(bench.receive()).to.deep.equal(arrivals);
  });

  const STEPS = [3600n * SECOND, -3600n * SECOND, SECOND / 20n, -SECOND / 20n];
  for (const step of STEPS) {
    it(`stays between the last empty read and now when the clock is set by ${step} ns before reading`, () => {
      using bench = new Bench();
      bench.arrive();
      bench.receive();
      bench.mono += SECOND;
      bench.receive(); // Empty: every later frame arrives after this.
      const empty = bench.mono;
      bench.mono += 10_000_000n;
      bench.arrive();
      bench.mono += 1_000_000n;
      bench.offset += step;
      bench.mono += 1_000_000n;
      const [time] = bench.receive();
      expect(time).to.equal(step > 0n ? empty : bench.mono);
      // The time of the next frame is exact.
      bench.mono += SECOND;
      const arrival = bench.arrive();
      bench.mono += SECOND;
      expect(bench.receive()).to.deep.equal([arrival]);
    });
  }

  it('is never before the socket was opened', () => {
    using bench = new Bench();
    bench.mono += SECOND;
    bench.arrive();
    bench.mono += 10n;
    bench.offset += 86_400n * SECOND;
    expect(bench.receive()).to.deep.equal([bench.since]);
  });

  it('is the time of reading for a stamp from the future', () => {
    using bench = new Bench();
    bench.mono += SECOND;
    bench.offset += 60n * SECOND;
    bench.arrive();
    bench.offset -= 60n * SECOND;
    expect(bench.receive()).to.deep.equal([bench.mono]);
  });

  it('never decreases and stays between opening and reading when the clock is set at random', () => {
    const event = fc.oneof(
      { weight: 6, arbitrary: fc.record({ arrive: fc.bigInt({ min: 0n, max: 10n ** 8n }) }) },
      { weight: 2, arbitrary: fc.record({ read: fc.bigInt({ min: 0n, max: 10n ** 8n }) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          step: fc.oneof(
            fc.bigInt({ min: -(10n ** 8n), max: 10n ** 8n }),
            fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
          ),
        }),
      },
    );
    fc.assert(
      // With few slots, a batch leaves frames in the socket.
      fc.property(fc.constantFrom(2, 128), fc.array(event, { maxLength: 60 }), (slots, events) => {
        using bench = new Bench(slots);
        let last = bench.since;
        const read = () => {
          for (const time of bench.receive()) {
            expect(time >= last && time <= bench.mono, `${last} <= ${time} <= ${bench.mono}`).to.be.true;
            last = time;
          }
        };
        for (const happened of events) {
          if ('step' in happened) bench.offset += happened.step;
          else if ('arrive' in happened) {
            bench.mono += happened.arrive;
            bench.arrive();
          } else {
            bench.mono += happened.read;
            read();
          }
        }
        read();
      }),
      { numRuns: 300 },
    );
  });
});
