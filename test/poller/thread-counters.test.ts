import { expect } from 'chai';
import type { Registration, RecordConsumer } from '../../src/poller/consumer';
import { LoopPoller } from '../../src/poller/loop-poller';
import { ThreadPoller } from '../../src/poller/thread-poller';
import type { ThreadCounters } from '../../src/poller/worker';
import { blockUntil } from '../support/processes/process';
import { requestFor, Recorder } from '../support/fakes/consumer';
import { classicBytes, Pair } from '../support/traffic/pairs';

/** Frames that fit into the buffer of a local socket. */
const WAITING = 200;

/**
 * Returns the counters of the thread for all frames that the consumers have. The thread counts its reads after it has
 * woken the main thread; it takes the removal of another socket after that.
 */
async function threadCounters(): Promise<ThreadCounters> {
  using other = new Pair();
  await ThreadPoller.add(requestFor(other.near, 16), new Recorder()).remove();
  const counters = ThreadPoller.counters;
  if (counters === undefined) throw new Error('There is no thread');
  return counters;
}

/*
 * Counts what receiving costs in system calls, not in time: a change that makes one call a frame instead of one a
 * batch fails here on any machine.
 */
describe('the work of receiving', () => {
  let pair: Pair;
  let consumer: Recorder;
  let registration: Registration | undefined;

  beforeEach(() => {
    pair = new Pair();
    consumer = new Recorder();
  });
  afterEach(async () => {
    await registration?.remove();
    registration = undefined;
    pair[Symbol.dispose]();
  });

  function queue(count: number): void {
    for (let number = 0; number < count; number++) {
      if (!pair.send(classicBytes(number))) throw new Error(`${number} frames fit, not ${count}`);
    }
  }

  it('is one call for 64 waiting frames and at most two wake-ups for all of them', async () => {
    queue(WAITING);
    registration = ThreadPoller.add(requestFor(pair.near, 4096), consumer);
    await consumer.untilFrames(WAITING);
    const { reads, wakes } = await threadCounters();
    expect(reads).to.equal(Math.ceil(WAITING / 64));
    // After the first batch and after the last.
    expect(wakes).to.be.within(1, 2);
  });

  it('is one call and at most one wake-up for a single frame, without a second read', async () => {
    registration = ThreadPoller.add(requestFor(pair.near, 4096), consumer);
    queue(1);
    await consumer.untilFrames(1);
    const before = await threadCounters();
    const start = performance.now();
    for (let number = 1; number <= 100; number++) {
      pair.send(classicBytes(number));
      await consumer.untilFrames(number + 1);
    }
    const after = await threadCounters();
    const seconds = Math.floor((performance.now() - start) / 1000);
    expect(after.reads - before.reads).to.equal(100);
    expect(after.wakes - before.wakes).to.be.at.most(100);
    // poll(2) returns for each frame, for each timeout of 1 s, and for the commands of both calls of threadCounters().
    expect(after.polls - before.polls).to.be.within(100, 104 + seconds);
  });

  it('includes no wake-up while the main thread handles the one before', async () => {
    queue(1);
    let received = 0;
    let start: (() => void) | undefined;
    let finish: (() => void) | undefined;
    const started = new Promise<void>((resolve) => (start = resolve));
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const busy: RecordConsumer = {
      onRecords: (ring) => {
        // The main thread is busy with frame 1. The thread reads 50 frames one by one.
        for (let number = 2; received === 1 && number <= 51; number++) {
          pair.send(classicBytes(number));
          blockUntil(() => ring.produced === number + 1, `frame ${number} in the ring`);
        }
        const count = ring.available;
        ring.release(count);
        received += count;
        start?.();
        if (received === 52) finish?.();
        return false;
      },
      onError: () => undefined,
      onFailure: () => undefined,
    };
    registration = ThreadPoller.add(requestFor(pair.near, 4096), busy);
    await started;
    const before = await threadCounters();
    pair.send(classicBytes(1));
    await finished;
    const after = await threadCounters();
    expect(after.reads - before.reads).to.equal(51);
    // For frame 1, and for frame 51 if the thread reports it after the main thread has taken it.
    expect(after.wakes - before.wakes).to.be.within(1, 2);
  });

  it('is one call for 64 waiting frames, and one for a single frame, on the event loop', async () => {
    queue(WAITING);
    const reader = new LoopPoller(requestFor(pair.near, 4096), consumer);
    registration = reader;
    await consumer.untilFrames(WAITING);
    const before = reader.reads;
    expect(before).to.equal(Math.ceil(WAITING / 64));
    for (let number = 0; number < 100; number++) {
      pair.send(classicBytes(number));
      await consumer.untilFrames(WAITING + number + 1);
    }
    // One frame fills the last slot of the ring of 128, and there the poller reads a second time.
    expect(reader.reads - before).to.be.within(100, 101);
  });
});
