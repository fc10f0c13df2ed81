import { expect } from 'chai';
import { receiveFrom } from '../../src/poller/kinds';
import type { Registration, Sink } from '../../src/poller/sink';
import { Poller } from '../../src/poller/poller';
import { classicBytes, fdBytes, Pair } from '../support/traffic/pairs';
import { threadIds, threadsBeside } from '../support/processes/threads';
import { block, blockUntil, sleep } from '../support/processes/process';
import { readingOf, Recorder } from '../support/fakes/sink';

type PollerWork = NonNullable<typeof Poller.work>;

const NUMBERS = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Sends frames numbered `from` to `to` - 1, and waits while the socket is full. */
async function flood(pair: Pair, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    const bytes = number % 2 === 0 ? classicBytes(number) : fdBytes(number);
    while (!pair.send(bytes)) await sleep(1);
  }
}

for (const kind of ['thread', 'loop'] as const) {
  describe(`Poller (${kind})`, () => {
    const added: Registration[] = [];
    const add = (fd: number, slots: number, sink: Sink): Registration => {
      const registration = receiveFrom(kind, readingOf(fd, slots), sink);
      added.push(registration);
      return registration;
    };

    afterEach(async () => {
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
    });

    it('delivers 20,000 frames in order through a ring of 64', async () => {
      using pair = new Pair();
      const sink = new Recorder();
      add(pair.near, 64, sink);
      await flood(pair, 0, 20_000);
      await sink.untilFrames(20_000);
      expect(sink.numbers).to.deep.equal(NUMBERS(20_000));
      expect(sink.log.filter((line) => !line.startsWith('frame'))).to.deep.equal([]);
      sink.times.reduce((last, time) => {
        expect(time >= last).to.equal(true);
        return time;
      }, 0n);
    });

    it('leaves frames in the kernel while the ring is full, and loses none', async () => {
      using pair = new Pair();
      const sink = new Recorder();
      add(pair.near, 64, sink);
      await flood(pair, 0, 1);
      await sink.untilFrames(1);
      let sent = 1;
      // The event loop does not turn. The kernel refuses a frame when the ring and the socket are full.
      blockUntil(() => {
        while (pair.send(classicBytes(sent))) sent++;
        return kind === 'loop' || sink.ring?.free === 0;
      }, 'the ring is full');
      while (pair.send(classicBytes(sent))) sent++;
      expect(sink.numbers).to.have.length(1);
      await flood(pair, sent, sent + 1000);
      await sink.untilFrames(sent + 1000);
      expect(sink.numbers).to.deep.equal(NUMBERS(sent + 1000));
    });

    // The event loop cannot read while the main thread is blocked.
    const ofThread = kind === 'thread' ? it : () => undefined;
    ofThread('sleeps while the ring is full, although the socket is readable', async () => {
      using pair = new Pair();
      const sink = new Recorder();
      add(pair.near, 16, sink);
      await flood(pair, 0, 1);
      await sink.untilFrames(1);
      for (let number = 1; number < 100; number++) pair.send(classicBytes(number));
      blockUntil(() => sink.ring?.stalled === true, 'the ring is full');
      const start = performance.now();
      const before = Poller.work as PollerWork;
      // Without the pause, poll(2) would return at once each time.
      block(100);
      const after = Poller.work as PollerWork;
      const seconds = (performance.now() - start) / 1000;
      // The return from poll(2) that was under way, and one for each timeout of 1 s.
      expect(after.polls - before.polls).to.be.at.most(2 + Math.floor(seconds));
      await sink.untilFrames(100);
      expect(sink.numbers).to.deep.equal(NUMBERS(100));
    });

    it('calls a sink again for records that it leaves, and runs immediates in between', async () => {
      using pair = new Pair();
      const sink = new Recorder();
      sink.take = 1;
      let turns = 0;
      let most = 0;
      let chain: NodeJS.Immediate | undefined;
      const tick = () => {
        most = Math.max(most, turns);
        turns = 0;
        chain = setImmediate(tick);
      };
      add(pair.near, 256, sink);
      for (const number of NUMBERS(100)) pair.send(classicBytes(number));
      sink.onTurn = () => {
        if (chain === undefined) tick();
        turns++;
        // A frame arrives in every turn. Each can wake the main thread, which then calls the sink.
        const next = sink.turns + 99;
        if (next >= 300) return;
        pair.send(classicBytes(next));
        if (kind === 'thread') sink.blockUntilProduced(next + 1);
      };
      try {
        await sink.untilFrames(300);
      } finally {
        clearImmediate(chain);
      }
      expect(sink.numbers).to.deep.equal(NUMBERS(300));
      expect(sink.turns).to.equal(300);
      // A queue of frames must not starve the user's immediates. The event loop calls the sink for records that
      // are left, and again while it reads new ones.
      expect(most).to.be.at.most(kind === 'thread' ? 2 : 4);
    });

    it(`starts ${kind === 'thread' ? 'one thread' : 'no thread'} for 12 sockets, and keeps their frames apart`, async () => {
      const before = threadIds();
      const pairs = Array.from({ length: 12 }, () => new Pair());
      try {
        const sinks = pairs.map((pair) => {
          const sink = new Recorder();
          add(pair.near, 16, sink);
          return sink;
        });
        await Promise.all(pairs.map((pair, index) => flood(pair, index * 1000, index * 1000 + 300)));
        await Promise.all(sinks.map((sink) => sink.untilFrames(300)));
        sinks.forEach((sink, index) => {
          expect(sink.numbers).to.deep.equal(NUMBERS(300).map((number) => index * 1000 + number));
        });
        expect(threadsBeside(before)).to.have.length(kind === 'thread' ? 1 : 0);
        await Promise.all(added.splice(0).map((registration) => registration.remove()));
      } finally {
        for (const pair of pairs) pair[Symbol.dispose]();
      }
    });

    it('calls no sink after remove() while frames arrive, and stops reading the descriptor', async () => {
      using pair = new Pair();
      using other = new Pair();
      const sink = new Recorder();
      const survivor = new Recorder();
      const registration = add(pair.near, 64, sink);
      add(other.near, 64, survivor);
      await flood(pair, 0, 50);
      await sink.untilFrames(50);
      for (const number of NUMBERS(40)) pair.send(classicBytes(number));
      // The frames are in the ring, and the main thread has not seen the wake.
      if (kind === 'thread') sink.blockUntilProduced(90);
      const removed = registration.remove();
      for (const number of NUMBERS(10)) pair.send(classicBytes(100 + number));
      await removed;
      for (const number of NUMBERS(10)) pair.send(classicBytes(200 + number));
      await flood(other, 0, 20);
      await survivor.untilFrames(20);
      expect(sink.log).to.have.length(50);
      // Frames sent after the removal wait in the socket.
      const again = new Recorder();
      add(pair.near, 64, again);
      await again.until(() => again.numbers.at(-1) === 209);
      expect(again.numbers.slice(-10)).to.deep.equal(NUMBERS(10).map((number) => 200 + number));
    });

    it('calls no sink after a remove() made within a call of it', async () => {
      using pair = new Pair();
      const sink = new Recorder();
      sink.take = 1;
      const registration = add(pair.near, 64, sink);
      let removed: Promise<void> | undefined;
      sink.onTurn = () => {
        removed = registration.remove();
      };
      for (const number of NUMBERS(30)) pair.send(classicBytes(number));
      await sink.untilFrames(1);
      await removed;
      // The poller's immediates run before these timers.
      for (let turn = 0; turn < 3; turn++) await sleep(0);
      expect(sink.numbers).to.deep.equal([0]);
      // Records that it leaves in the ring do not keep the event loop busy.
      expect(process.getActiveResourcesInfo()).to.not.include('Immediate');
    });
  });
}
