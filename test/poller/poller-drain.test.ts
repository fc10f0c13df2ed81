import { expect } from 'chai';
import { POLLER_KINDS, receiveFrom } from '../../src/poller/kinds';
import type { Registration, RecordConsumer } from '../../src/poller/consumer';
import { ENETDOWN, ENODEV } from '../../src/libc/errno';
import { classicBytes } from '../support/traffic/pairs';
import { TRAILED_RECORD } from '../support/traffic/records';
import { TrailedPair } from '../support/traffic/trailed-pair';
import { blockUntil, collectUncaught } from '../support/processes/process';
import { requestFor, Recorder } from '../support/fakes/consumer';

const count = (length: number): number[] => Array.from({ length }, (_, i) => i);

for (const kind of POLLER_KINDS) {
  describe(`drain() of a socket in the poller (${kind})`, () => {
    const added: Registration[] = [];
    const add = (fd: number, consumer: RecordConsumer, slots = 64): Registration => {
      const registration = receiveFrom(kind, requestFor(fd, slots, TRAILED_RECORD), consumer);
      added.push(registration);
      return registration;
    };
    let pair: TrailedPair;
    let consumer: Recorder;

    beforeEach(() => {
      pair = new TrailedPair();
      consumer = new Recorder();
    });
    afterEach(async () => {
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
      pair[Symbol.dispose]();
    });

    it('resolves after the consumer has all frames that were sent before the call', async () => {
      const registration = add(pair.near, consumer);
      for (let round = 0; round < 20; round++) {
        for (const number of count(5)) pair.send(classicBytes(10 * round + number));
        await registration.drain();
        expect(consumer.numbers).to.have.length(5 * (round + 1));
      }
      expect(consumer.numbers.slice(-5)).to.deep.equal([190, 191, 192, 193, 194]);
    });

    it('resolves on an empty socket', async () => {
      const registration = add(pair.near, consumer);
      await registration.drain();
      expect(consumer.log).to.deep.equal([]);
    });

    it('reports an error after all frames that were queued when the poller reads it', async () => {
      pair.send(classicBytes(1));
      pair.fail(ENETDOWN);
      pair.send(classicBytes(2));
      const registration = add(pair.near, consumer);
      await registration.drain();
      expect(consumer.log).to.deep.equal(['frame 1', 'frame -1', 'frame 2', `error ${ENETDOWN}`]);
    });

    it('resolves after the frames and errors that were sent before the call, while the poller reads', async () => {
      const registration = add(pair.near, consumer);
      await registration.drain();
      for (let round = 0; round < 100; round++) {
        consumer.log.length = 0;
        pair.send(classicBytes(1));
        pair.fail(ENETDOWN);
        pair.send(classicBytes(2));
        await registration.drain();
        const reported = consumer.log.filter((line) => line !== 'frame -1');
        expect(reported).to.have.members(['frame 1', `error ${ENETDOWN}`, 'frame 2']);
        // Frame 2 can arrive before or after the poller reports the error.
        expect(reported[0]).to.equal('frame 1');
      }
    });

    it('resolves after more frames than the ring holds, although the main thread was blocked', async () => {
      const registration = add(pair.near, consumer, 16);
      pair.send(classicBytes(0));
      await consumer.untilFrames(1);
      for (const number of count(100).slice(1)) {
        expect(pair.send(classicBytes(number))).to.equal(true);
      }
      if (kind === 'thread') blockUntil(() => consumer.ring?.stalled === true, 'the ring is full');
      await registration.drain();
      expect(consumer.numbers).to.deep.equal(count(100));
    });

    it('resolves after all frames when the consumer takes one record at a time', async () => {
      consumer.take = 1;
      const registration = add(pair.near, consumer, 16);
      for (const number of count(40)) pair.send(classicBytes(number));
      await registration.drain();
      expect(consumer.numbers).to.deep.equal(count(40));
    });

    it('resolves 50 concurrent calls in their order', async () => {
      const registration = add(pair.near, consumer);
      const resolved: number[] = [];
      const drains = count(50).map((number) => {
        pair.send(classicBytes(number));
        return registration.drain().then(() => {
          expect(consumer.numbers.length).to.be.greaterThan(number);
          resolved.push(number);
        });
      });
      await Promise.all(drains);
      expect(resolved).to.deep.equal(count(50));
    });

    it('does not wait for the frames of another socket', async () => {
      using other = new TrailedPair();
      const stuck = new Recorder();
      stuck.take = 0;
      add(other.near, stuck, 16);
      const registration = add(pair.near, consumer);
      for (const number of count(20)) other.send(classicBytes(number));
      pair.send(classicBytes(7));
      await registration.drain();
      expect(consumer.numbers).to.deep.equal([7]);
    });

    it('resolves on a socket after a final error', async () => {
      const registration = add(pair.near, consumer);
      pair.send(classicBytes(1));
      pair.fail(ENODEV);
      await registration.drain();
      expect(consumer.log.at(-1)).to.equal(`error ${ENODEV}`);
      await registration.drain();
      await Promise.all([registration.drain(), registration.drain()]);
      expect(consumer.log.filter((line) => line.startsWith('error'))).to.have.length(1);
    });

    it('resolves after EBADF for a descriptor that the program has closed', async () => {
      const registration = add(pair.near, consumer);
      await registration.drain();
      pair.closeNear();
      await registration.drain();
      expect(consumer.log).to.deep.equal(['error 9']);
      await registration.drain();
    });

    it('resolves when the socket is removed, and at once after that', async () => {
      const stuck = new Recorder();
      stuck.take = 0;
      const registration = add(pair.near, stuck, 16);
      for (const number of count(40)) pair.send(classicBytes(number));
      await stuck.until(() => stuck.turns > 0);
      let resolved = false;
      const draining = registration.drain().then(() => (resolved = true));
      using other = new TrailedPair();
      await add(other.near, consumer).drain();
      expect(resolved, 'the ring is full, and the consumer takes nothing').to.equal(false);
      const removing = registration.remove();
      const late = registration.drain();
      await Promise.all([draining, removing, late]);
      await registration.drain();
      expect(stuck.numbers).to.deep.equal([]);
    });

    const ofThread = kind === 'thread' ? it : () => undefined;
    ofThread('resolves when the thread fails, and reports the failure to every consumer', async () => {
      const registration = add(pair.near, consumer);
      const other = new Recorder();
      // The thread throws on this descriptor, and ends.
      const broken = add(-1, other);
      await Promise.all([broken.drain(), registration.drain()]);
      await consumer.until(() => consumer.log.length > 0);
      for (const { log } of [consumer, other]) {
        expect(log).to.have.length(1);
        expect(log[0]).to.match(/^failure The file descriptor must be/);
      }
      await registration.drain();
    });

    it('resolves after all frames although the consumer throws an exception', async () => {
      const registration = add(pair.near, consumer);
      await registration.drain();
      const errors = await collectUncaught(async () => {
        consumer.onTurn = () => {
          consumer.onTurn = undefined;
          throw new Error('from the listener');
        };
        for (const number of count(10)) pair.send(classicBytes(number));
        await registration.drain();
        await consumer.untilFrames(10);
      });
      expect(errors.map(({ message }) => message)).to.deep.equal(['from the listener']);
      expect(consumer.numbers).to.deep.equal(count(10));
    });

    it('resolves while more frames arrive', async () => {
      const registration = add(pair.near, consumer);
      let number = 0;
      const traffic = setInterval(() => {
        for (let i = 0; i < 20; i++) if (pair.send(classicBytes(number))) number++;
      }, 1);
      try {
        await consumer.untilFrames(1);
        for (let round = 0; round < 20; round++) {
          const before = number;
          await registration.drain();
          expect(consumer.numbers.length).to.be.at.least(before);
        }
      } finally {
        clearInterval(traffic);
      }
      await registration.drain();
      expect(consumer.numbers).to.deep.equal(count(number));
    });
  });
}
