import { expect } from 'chai';
import { POLLER_KINDS, receiveFrom } from '../../src/poller/kinds';
import type { Registration, RecordConsumer } from '../../src/poller/consumer';
import { ThreadPoller } from '../../src/poller/thread-poller';
import type { ThreadCounters } from '../../src/poller/worker';
import { classicBytes, fdBytes, Pair } from '../support/traffic/pairs';
import { threadIds, threadsBeside } from '../support/processes/threads';
import { block, blockUntil, sleep } from '../support/processes/process';
import { requestFor, Recorder } from '../support/fakes/consumer';

const NUMBERS = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Sends frames numbered `from` to `to` - 1, and waits while the socket is full. */
async function flood(pair: Pair, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    const bytes = number % 2 === 0 ? classicBytes(number) : fdBytes(number);
    while (!pair.send(bytes)) await sleep(1);
  }
}

for (const kind of POLLER_KINDS) {
  describe(`Poller (${kind})`, () => {
    const added: Registration[] = [];
    const add = (fd: number, slots: number, consumer: RecordConsumer): Registration => {
      const registration = receiveFrom(kind, requestFor(fd, slots), consumer);
      added.push(registration);
      return registration;
    };

    afterEach(async () => {
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
    });

    it('delivers 20,000 frames in order through a ring of 64', async () => {
      using pair = new Pair();
      const consumer = new Recorder();
      add(pair.near, 64, consumer);
      await flood(pair, 0, 20_000);
      await consumer.untilFrames(20_000);
      expect(consumer.numbers).to.deep.equal(NUMBERS(20_000));
      expect(consumer.log.filter((line) => !line.startsWith('frame'))).to.deep.equal([]);
      consumer.times.reduce((last, time) => {
        expect(time >= last).to.equal(true);
        return time;
      }, 0n);
    });

    it('leaves frames in the kernel while the ring is full, and loses none', async () => {
      using pair = new Pair();
      const consumer = new Recorder();
      add(pair.near, 64, consumer);
      await flood(pair, 0, 1);
      await consumer.untilFrames(1);
      let sent = 1;
      // The event loop does not turn. The kernel refuses a frame when the ring and the socket are full.
      blockUntil(() => {
        while (pair.send(classicBytes(sent))) sent++;
        return kind === 'loop' || consumer.ring?.free === 0;
      }, 'the ring is full');
      while (pair.send(classicBytes(sent))) sent++;
      expect(consumer.numbers).to.have.length(1);
      await flood(pair, sent, sent + 1000);
      await consumer.untilFrames(sent + 1000);
      expect(consumer.numbers).to.deep.equal(NUMBERS(sent + 1000));
    });

    // The event loop cannot read while the main thread is blocked.
    const ofThread = kind === 'thread' ? it : () => undefined;
    ofThread('sleeps while the ring is full, although the socket is readable', async () => {
      using pair = new Pair();
      const consumer = new Recorder();
      add(pair.near, 16, consumer);
      await flood(pair, 0, 1);
      await consumer.untilFrames(1);
      for (let number = 1; number < 100; number++) pair.send(classicBytes(number));
      blockUntil(() => consumer.ring?.stalled === true, 'the ring is full');
      const start = performance.now();
      const before = ThreadPoller.counters as ThreadCounters;
      // Without the pause, poll(2) would return at once each time.
      block(100);
      const after = ThreadPoller.counters as ThreadCounters;
      const seconds = (performance.now() - start) / 1000;
      // The return from poll(2) that was under way, and one for each timeout of 1 s.
      expect(after.polls - before.polls).to.be.at.most(2 + Math.floor(seconds));
      await consumer.untilFrames(100);
      expect(consumer.numbers).to.deep.equal(NUMBERS(100));
    });

    it('calls a consumer again for records that it leaves, and runs immediates in between', async () => {
      using pair = new Pair();
      const consumer = new Recorder();
      consumer.take = 1;
      let turns = 0;
      let most = 0;
      let chain: NodeJS.Immediate | undefined;
      const tick = () => {
        most = Math.max(most, turns);
        turns = 0;
        chain = setImmediate(tick);
      };
      add(pair.near, 256, consumer);
      for (const number of NUMBERS(100)) pair.send(classicBytes(number));
      consumer.onTurn = () => {
        if (chain === undefined) tick();
        turns++;
        // A frame arrives in every turn. Each can wake the main thread, which then calls the consumer.
        const next = consumer.turns + 99;
        if (next >= 300) return;
        pair.send(classicBytes(next));
        if (kind === 'thread') consumer.blockUntilProduced(next + 1);
      };
      try {
        await consumer.untilFrames(300);
      } finally {
        clearImmediate(chain);
      }
      expect(consumer.numbers).to.deep.equal(NUMBERS(300));
      expect(consumer.turns).to.equal(300);
      // A queue of frames must not starve the user's immediates. The event loop calls the consumer for records that
      // are left, and again while it reads new ones.
      expect(most).to.be.at.most(kind === 'thread' ? 2 : 4);
    });

    it(`starts ${kind === 'thread' ? 'one thread' : 'no thread'} for 12 sockets, and keeps their frames apart`, async () => {
      const before = threadIds();
      const pairs = Array.from({ length: 12 }, () => new Pair());
      try {
        const consumers = pairs.map((pair) => {
          const consumer = new Recorder();
          add(pair.near, 16, consumer);
          return consumer;
        });
        await Promise.all(pairs.map((pair, index) => flood(pair, index * 1000, index * 1000 + 300)));
        await Promise.all(consumers.map((consumer) => consumer.untilFrames(300)));
        consumers.forEach((consumer, index) => {
          expect(consumer.numbers).to.deep.equal(NUMBERS(300).map((number) => index * 1000 + number));
        });
        expect(threadsBeside(before)).to.have.length(kind === 'thread' ? 1 : 0);
        await Promise.all(added.splice(0).map((registration) => registration.remove()));
      } finally {
        for (const pair of pairs) pair[Symbol.dispose]();
      }
    });

    it('calls no consumer after remove() while frames arrive, and stops reading the descriptor', async () => {
      using pair = new Pair();
      using other = new Pair();
      const consumer = new Recorder();
      const survivor = new Recorder();
      const registration = add(pair.near, 64, consumer);
      add(other.near, 64, survivor);
      await flood(pair, 0, 50);
      await consumer.untilFrames(50);
      for (const number of NUMBERS(40)) pair.send(classicBytes(number));
      // The frames are in the ring, and the main thread has not handled the wake-up yet.
      if (kind === 'thread') consumer.blockUntilProduced(90);
      const removed = registration.remove();
      for (const number of NUMBERS(10)) pair.send(classicBytes(100 + number));
      await removed;
      for (const number of NUMBERS(10)) pair.send(classicBytes(200 + number));
      await flood(other, 0, 20);
      await survivor.untilFrames(20);
      expect(consumer.log).to.have.length(50);
      // Frames sent after the removal wait in the socket.
      const again = new Recorder();
      add(pair.near, 64, again);
      await again.until(() => again.numbers.at(-1) === 209);
      expect(again.numbers.slice(-10)).to.deep.equal(NUMBERS(10).map((number) => 200 + number));
    });

    it('calls no consumer after a remove() made within a call of it', async () => {
      using pair = new Pair();
      const consumer = new Recorder();
      consumer.take = 1;
      const registration = add(pair.near, 64, consumer);
      let removed: Promise<void> | undefined;
      consumer.onTurn = () => {
        removed = registration.remove();
      };
      for (const number of NUMBERS(30)) pair.send(classicBytes(number));
      await consumer.untilFrames(1);
      await removed;
      // The poller's immediates run before these timers.
      for (let turn = 0; turn < 3; turn++) await sleep(0);
      expect(consumer.numbers).to.deep.equal([0]);
      // Records that it leaves in the ring do not keep the event loop busy.
      expect(process.getActiveResourcesInfo()).to.not.include('Immediate');
    });
  });
}
