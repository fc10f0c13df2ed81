import { expect } from 'chai';
import { POLLER_KINDS, receiveFrom } from '../../src/poller/kinds';
import type { Registration } from '../../src/poller/consumer';
import { LoopPoller } from '../../src/poller/loop-poller';
import { FakeClock, MS } from '../support/fakes/clock';
import { requestFor, Recorder } from '../support/fakes/consumer';
import { classicBytes, Pair } from '../support/traffic/pairs';

/** An hour, in ms: nothing ends this wait within a test. */
const HOUR_MS = 3_600_000;

for (const kind of POLLER_KINDS) {
  describe(`coalescing in the poller (${kind})`, () => {
    it('leaves a socket alone after four reads, but not for drain() and not for other sockets', async () => {
      using pair = new Pair();
      using other = new Pair();
      const consumer = new Recorder();
      const otherConsumer = new Recorder();
      const reading = { ...requestFor(pair.near, 64), coalesceMs: HOUR_MS };
      const registration = receiveFrom(kind, reading, consumer);
      const beside = receiveFrom(kind, requestFor(other.near, 64), otherConsumer);
      try {
        for (let number = 0; number < 4; number++) {
          pair.send(classicBytes(number));
          await consumer.untilFrames(number + 1);
        }
        pair.send(classicBytes(4));
        other.send(classicBytes(0));
        await otherConsumer.untilFrames(1);
        expect(consumer.numbers).to.deep.equal([0, 1, 2, 3]);
        await registration.drain();
        expect(consumer.numbers).to.deep.equal([0, 1, 2, 3, 4]);
        // One frame in the time ends the burst.
        pair.send(classicBytes(5));
        await consumer.untilFrames(6);
      } finally {
        await Promise.all([registration.remove(), beside.remove()]);
      }
    });
  });
}

describe('coalescing in the poller thread', () => {
  // Keeps the thread, which takes long to start.
  let pair: Pair;
  let keeper: Registration;

  before(() => {
    pair = new Pair();
    keeper = receiveFrom('thread', requestFor(pair.near, 64), new Recorder());
  });
  after(async () => {
    await keeper.remove();
    pair[Symbol.dispose]();
  });

  /**
   * Sends four frames, each after the one before arrived, and then a fifth. Returns how long the four took and
   * how long after the fourth the fifth arrived, in ns.
   */
  async function burst(coalesceMs: number): Promise<{ four: bigint; fifth: bigint }> {
    using pair = new Pair();
    const consumer = new Recorder();
    const reading = { ...requestFor(pair.near, 64), coalesceMs };
    const registration = receiveFrom('thread', reading, consumer);
    try {
      await registration.drain();
      const sent: bigint[] = [];
      const sendAndReceive = async (): Promise<bigint> => {
        sent.push(process.hrtime.bigint());
        pair.send(classicBytes(sent.length));
        await consumer.untilFrames(sent.length);
        return process.hrtime.bigint();
      };
      for (let number = 1; number <= 3; number++) await sendAndReceive();
      const [first] = sent as [bigint];
      const four = (await sendAndReceive()) - first;
      const fourth = sent[3] as bigint;
      return { four, fifth: (await sendAndReceive()) - fourth };
    } finally {
      await registration.remove();
    }
  }

  it('delivers a frame that arrives during a wait when the whole wait is over', async () => {
    // Four reads within the time begin a wait. A busy machine needs a longer time for them.
    let ms = 100;
    let times = await burst(ms);
    while (times.four >= BigInt(ms) * MS) times = await burst((ms *= 2));
    expect(times.fifth >= BigInt(ms) * MS, `${times.fifth} ns with ${ms} ms`).to.equal(true);
  });
});

describe('coalescing on the event loop', () => {
  let pair: Pair;
  let consumer: Recorder;
  let clock: FakeClock;
  let reader: Registration;

  beforeEach(() => {
    pair = new Pair();
    consumer = new Recorder();
    clock = new FakeClock();
    reader = new LoopPoller({ ...requestFor(pair.near, 64), coalesceMs: 5 }, consumer, clock);
  });
  afterEach(async () => {
    await reader.remove();
    pair[Symbol.dispose]();
  });

  /** Sends a frame and turns the event loop until it arrives, without time passing. */
  async function sendAndReceive(number: number): Promise<void> {
    pair.send(classicBytes(number));
    while (!consumer.numbers.includes(number)) await clock.turn();
  }

  it('reads at once, in a burst every 5 ms, and at once after it', async () => {
    for (const number of [0, 1, 2]) {
      await sendAndReceive(number);
      expect(clock.waits).to.deep.equal([]);
    }
    await sendAndReceive(3);
    expect(clock.waits, 'the fourth read in 5 ms').to.deep.equal([5n * MS]);
    pair.send(classicBytes(4));
    pair.send(classicBytes(5));
    await clock.advance(5n * MS - 1n);
    expect(consumer.numbers).to.deep.equal([0, 1, 2, 3]);
    await clock.advance(1n);
    expect(consumer.numbers).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(clock.waits, 'two frames in 5 ms').to.deep.equal([5n * MS]);
    pair.send(classicBytes(6));
    await clock.advance(5n * MS);
    expect(consumer.numbers).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
    expect(clock.waits, 'one frame in 5 ms').to.deep.equal([]);
    await sendAndReceive(7);
    expect(clock.waits).to.deep.equal([]);
  });

  it('does not wait when the frames are 5 ms apart', async () => {
    for (let number = 0; number < 12; number++) {
      await sendAndReceive(number);
      expect(clock.waits).to.deep.equal([]);
      await clock.advance(5n * MS);
    }
  });

  it('ends a wait with remove()', async () => {
    for (const number of [0, 1, 2, 3]) await sendAndReceive(number);
    expect(clock.waits).to.deep.equal([5n * MS]);
    await reader.remove();
    expect(clock.waits).to.deep.equal([]);
  });
});
