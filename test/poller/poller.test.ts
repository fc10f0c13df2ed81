import { expect } from 'chai';
import { receiveFrom, type Registration, type Sink } from '../../src/poller';
import { classicBytes, fdBytes, Pair } from '../support/traffic/pairs';
import { block, sleep, threadCount } from '../support/processes/process';
import { readingOf, Recorder } from '../support/fakes/sink';

const NUMBERS = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Sends frames with the numbers of [from, to), waiting whenever there is no room. */
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

    it('leaves frames to the kernel while the ring is full, and loses none', async () => {
      using pair = new Pair();
      const sink = new Recorder();
      add(pair.near, 64, sink);
      await flood(pair, 0, 1);
      await sink.untilFrames(1);
      let sent = 1;
      const end = Date.now() + 300;
      // The main thread does nothing but send: what it is not sent by itself can only wait.
      while (Date.now() < end) if (pair.send(classicBytes(sent))) sent++;
      const turns = sink.turns;
      expect(sent, 'the ring and the buffer of the socket').to.be.within(65, 5000);
      expect(sink.numbers).to.have.length(1);
      await flood(pair, sent, sent + 1000);
      await sink.untilFrames(sent + 1000);
      expect(sink.numbers).to.deep.equal(NUMBERS(sent + 1000));
      expect(sink.turns).to.be.greaterThan(turns);
    });

    it('sleeps while the ring is full, though the socket is readable', async () => {
      using pair = new Pair();
      const sink = new Recorder();
      add(pair.near, 16, sink);
      await flood(pair, 0, 1);
      await sink.untilFrames(1);
      for (let number = 1; number < 100; number++) pair.send(classicBytes(number));
      block(50);
      const before = process.cpuUsage();
      block(500);
      const { user, system } = process.cpuUsage(before);
      expect(user + system, 'us of 500,000').to.be.lessThan(250_000);
      await sink.untilFrames(100);
      expect(sink.numbers).to.deep.equal(NUMBERS(100));
    });

    it('gives a sink that leaves records another turn, and the event loop its own in between', async () => {
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
        // More comes in all the time: each frame may bring a message of the thread, and with it a turn.
        const next = sink.turns + 99;
        if (next < 300) pair.send(classicBytes(next));
        block(1);
      };
      try {
        await sink.untilFrames(300);
      } finally {
        clearImmediate(chain);
      }
      expect(sink.numbers).to.deep.equal(NUMBERS(300));
      expect(sink.turns).to.equal(300);
      // What is left over, and what is new, by the event loop once more while it reads: a queue of frames must not
      // starve the user's immediates.
      expect(most).to.be.at.most(kind === 'thread' ? 2 : 4);
    });

    it(`has ${kind === 'thread' ? 'one thread' : 'no thread'} for all sockets, and keeps their frames apart`, async () => {
      const before = threadCount();
      const pairs = Array.from({ length: 12 }, () => new Pair());
      try {
        const sinks = pairs.map((pair) => {
          const sink = new Recorder();
          add(pair.near, 16, sink);
          return sink;
        });
        await Promise.all(
          pairs.map((pair, index) => flood(pair, index * 1000, index * 1000 + 300)),
        );
        await Promise.all(sinks.map((sink) => sink.untilFrames(300)));
        sinks.forEach((sink, index) => {
          expect(sink.numbers).to.deep.equal(NUMBERS(300).map((number) => index * 1000 + number));
        });
        expect(threadCount() - before).to.equal(kind === 'thread' ? 1 : 0);
        await Promise.all(added.splice(0).map((registration) => registration.remove()));
      } finally {
        for (const pair of pairs) pair[Symbol.dispose]();
      }
    });

    it('calls nothing after remove(), though frames are arriving, and lets go of the descriptor', async () => {
      using pair = new Pair();
      using other = new Pair();
      const sink = new Recorder();
      const survivor = new Recorder();
      const registration = add(pair.near, 64, sink);
      add(other.near, 64, survivor);
      await flood(pair, 0, 50);
      await sink.untilFrames(50);
      for (const number of NUMBERS(40)) pair.send(classicBytes(number));
      block(20); // The thread has them in the ring, and its message is on the way.
      const removed = registration.remove();
      const seen = sink.log.length;
      for (const number of NUMBERS(10)) pair.send(classicBytes(number));
      await removed;
      for (const number of NUMBERS(10)) pair.send(classicBytes(number));
      await flood(other, 0, 20);
      await survivor.untilFrames(20);
      expect(sink.log).to.have.length(seen);
      // What was sent after the removal is nobody's: it waits in the socket.
      expect(pair.near).to.be.greaterThan(2);
      const again = new Recorder();
      add(pair.near, 64, again);
      await again.until(() => again.numbers.length >= 10);
      expect(again.numbers.slice(-10)).to.deep.equal(NUMBERS(10));
    });

    it('calls nothing after a remove() made in the middle of a turn', async () => {
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
      await sleep(10);
      expect(sink.numbers).to.deep.equal([0]);
      // Neither does what it has left in the ring keep the event loop busy.
      expect(process.getActiveResourcesInfo()).to.not.include('Immediate');
    });
  });
}
