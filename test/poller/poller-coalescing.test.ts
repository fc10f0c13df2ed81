import { expect } from 'chai';
import { receiveFrom, type Registration } from '../../src/poller';
import { LoopReader } from '../../src/poller/loop';
import { FakeClock, MS } from '../support/fakes/clock';
import { readingOf, Recorder } from '../support/fakes/sink';
import { classicBytes, Pair } from '../support/traffic/pairs';

/** An hour, in ms: nothing ends this wait within a test. */
const HOUR_MS = 3_600_000;

for (const kind of ['thread', 'loop'] as const) {
  describe(`coalescing in the poller (${kind})`, () => {
    it('leaves a socket alone after four reads, but not for drain() and not for other sockets', async () => {
      using pair = new Pair();
      using other = new Pair();
      const sink = new Recorder();
      const otherSink = new Recorder();
      const reading = { ...readingOf(pair.near, 64), coalesceMs: HOUR_MS };
      const registration = receiveFrom(kind, reading, sink);
      const beside = receiveFrom(kind, readingOf(other.near, 64), otherSink);
      try {
        for (let number = 0; number < 4; number++) {
          pair.send(classicBytes(number));
          await sink.untilFrames(number + 1);
        }
        pair.send(classicBytes(4));
        other.send(classicBytes(0));
        await otherSink.untilFrames(1);
        expect(sink.numbers).to.deep.equal([0, 1, 2, 3]);
        await registration.drain();
        expect(sink.numbers).to.deep.equal([0, 1, 2, 3, 4]);
        // One frame in the time ends the burst.
        pair.send(classicBytes(5));
        await sink.untilFrames(6);
      } finally {
        await Promise.all([registration.remove(), beside.remove()]);
      }
    });
  });
}

describe('coalescing on the event loop', () => {
  let pair: Pair;
  let sink: Recorder;
  let clock: FakeClock;
  let reader: Registration;

  beforeEach(() => {
    pair = new Pair();
    sink = new Recorder();
    clock = new FakeClock();
    reader = new LoopReader({ ...readingOf(pair.near, 64), coalesceMs: 5 }, sink, clock);
  });
  afterEach(async () => {
    await reader.remove();
    pair[Symbol.dispose]();
  });

  /** Sends a frame and turns the event loop until it arrives, without time passing. */
  async function sendAndReceive(number: number): Promise<void> {
    pair.send(classicBytes(number));
    while (!sink.numbers.includes(number)) await clock.turn();
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
    expect(sink.numbers).to.deep.equal([0, 1, 2, 3]);
    await clock.advance(1n);
    expect(sink.numbers).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(clock.waits, 'two frames in 5 ms').to.deep.equal([5n * MS]);
    pair.send(classicBytes(6));
    await clock.advance(5n * MS);
    expect(sink.numbers).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
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
