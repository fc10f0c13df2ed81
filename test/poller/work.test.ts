import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registration } from '../../src/poller';
import { LoopReader } from '../../src/poller/loop';
import { Poller } from '../../src/poller/poller';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { readingOf, Recorder } from '../support/fakes/sink';

/** Frames that fit into the buffer of a local socket. */
const WAITING = 200;

function work(): { polls: number; reads: number; wakes: number } {
  const done = Poller.work;
  if (done === undefined) throw new Error('There is no thread');
  return done;
}

/*
 * What receiving costs, in calls and not in time: a change that makes a call a frame out of a call a batch
 * fails here, on any machine.
 */
describe('the work of receiving', () => {
  let pair: Pair;
  let sink: Recorder;
  let registration: Registration | undefined;

  beforeEach(() => {
    pair = new Pair();
    sink = new Recorder();
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

  it('is a call for 64 frames that wait, and a wake for all of them or two', async () => {
    queue(WAITING);
    registration = Poller.add(readingOf(pair.near, 4096), sink);
    await sink.untilFrames(WAITING);
    await sleep(20);
    const { reads, wakes } = work();
    expect(reads).to.be.within(Math.ceil(WAITING / 64), Math.ceil(WAITING / 64) + 1);
    expect(wakes).to.be.within(1, 2);
  });

  it('is a call and a wake for a frame that comes alone, and no second look', async () => {
    registration = Poller.add(readingOf(pair.near, 4096), sink);
    queue(1);
    await sink.untilFrames(1);
    await sleep(20);
    const before = work();
    for (let number = 1; number <= 100; number++) {
      pair.send(classicBytes(number));
      await sink.untilFrames(number + 1);
    }
    await sleep(20);
    const after = work();
    expect(after.reads - before.reads).to.equal(100);
    expect(after.wakes - before.wakes).to.be.at.most(100);
    // One that returns with the frame, and it may be interrupted.
    expect(after.polls - before.polls).to.be.within(100, 110);
  });

  it('is nothing while the main thread is busy with what it has been woken for', async () => {
    registration = Poller.add(readingOf(pair.near, 4096), sink);
    queue(1);
    await sink.untilFrames(1);
    const before = work();
    sink.onTurn = () => {
      sink.onTurn = undefined;
      // The thread receives these, one by one, and wakes nobody.
      for (let number = 0; number < 50; number++) {
        queue(1);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    };
    queue(1);
    await sink.untilFrames(52);
    expect(work().wakes - before.wakes).to.be.at.most(2);
  });

  it('is a call for 64 frames by the event loop, too, and one for a frame that comes alone', async () => {
    queue(WAITING);
    const reader = new LoopReader(readingOf(pair.near, 4096), sink);
    registration = reader;
    await sink.untilFrames(WAITING);
    await sleep(20);
    // Some of its batches are cut in two, where its small ring ends.
    expect(reader.reads).to.be.within(Math.ceil(WAITING / 64), Math.ceil(WAITING / 64) + 3);
    const before = reader.reads;
    for (let number = 0; number < 100; number++) {
      pair.send(classicBytes(number));
      await sink.untilFrames(WAITING + number + 1);
    }
    await sleep(20);
    expect(reader.reads - before).to.be.within(100, 102);
  });
});
