import { expect } from 'chai';
import { POLLER_KINDS, receiveFrom } from '../../src/poller/kinds';
import type { Registration, RecordConsumer } from '../../src/poller/consumer';
import { ThreadPoller } from '../../src/poller/thread-poller';
import { EBADF, ENETDOWN, ENODEV } from '../../src/libc/errno';
import { classicBytes } from '../support/traffic/pairs';
import { TRAILED_RECORD } from '../support/traffic/records';
import { TrailedPair } from '../support/traffic/trailed-pair';
import { blockUntil, collectUncaught } from '../support/processes/process';
import { requestFor, Recorder } from '../support/fakes/consumer';

const ECONNRESET = 104;

for (const kind of POLLER_KINDS) {
  describe(`errors in the poller (${kind})`, () => {
    const added: Registration[] = [];
    const add = (fd: number, consumer: RecordConsumer): Registration => {
      const registration = receiveFrom(kind, requestFor(fd, 64, TRAILED_RECORD), consumer);
      added.push(registration);
      return registration;
    };
    let pair: TrailedPair;
    let consumer: Recorder;

    beforeEach(async () => {
      pair = new TrailedPair();
      consumer = new Recorder();
      // The poller receives when a test begins.
      add(pair.near, consumer);
      pair.send(classicBytes(100));
      await consumer.untilFrames(1);
    });
    afterEach(async () => {
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
      pair[Symbol.dispose]();
    });

    /** The number of reads; 0 without a thread. */
    const reads = (): number => ThreadPoller.counters?.reads ?? 0;

    /** Sends three frames and then an error. The thread reads all of them while the main thread is blocked. */
    function framesThenError(): void {
      for (const number of [1, 2, 3]) pair.send(classicBytes(number));
      if (kind === 'thread') consumer.blockUntilProduced(4);
      const before = reads();
      pair.resetFar();
      // The thread reads the error and then the end of the stream until it gives up, 9 reads in all. Of the reads
      // before, up to 3 are counted late.
      if (kind === 'thread') blockUntil(() => reads() > before + 4, 'the error was read');
    }

    /** The log of the consumer without the end of the stream, which no CAN socket has. */
    const reported = () => consumer.log.filter((line) => line !== 'frame -1' && line !== `error ${ENODEV}`);
    const untilError = () => consumer.until(() => consumer.log.some((line) => line.startsWith('error')));

    it('reports an error after the frames that were received before it', async () => {
      framesThenError();
      await untilError();
      expect(reported()).to.deep.equal(['frame 100', 'frame 1', 'frame 2', 'frame 3', `error ${ECONNRESET}`]);
    });

    it('reports an error after the frames before it when the consumer takes one record at a time', async () => {
      consumer.take = 1;
      framesThenError();
      await untilError();
      expect(reported().slice(1)).to.deep.equal(['frame 1', 'frame 2', 'frame 3', `error ${ECONNRESET}`]);
    });

    it('delivers frames that the kernel returns after a pending error', async () => {
      // The poller reads the pending error first and then the frames.
      const behind = new TrailedPair();
      added.splice(0).forEach((registration) => void registration.remove());
      const late = new Recorder();
      for (const number of [1, 2, 3]) behind.send(classicBytes(number));
      behind.resetFar();
      add(behind.near, late);
      const error = `error ${ECONNRESET}`;
      await late.until(() => late.log.includes(error) && late.numbers.length >= 3);
      expect(late.log.filter((line) => line === error)).to.have.length(1);
      expect(late.numbers.slice(0, 3)).to.deep.equal([1, 2, 3]);
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
      behind[Symbol.dispose]();
    });

    it('reports several errors in order', async () => {
      using other = new TrailedPair();
      const late = new Recorder();
      other.send(classicBytes(1));
      other.fail(ENETDOWN);
      other.fail(ENODEV);
      other.send(classicBytes(2));
      add(other.near, late);
      await late.until(() => late.log.includes(`error ${ENODEV}`));
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
      expect(late.log.filter((line) => line !== 'frame -1')).to.deep.equal([
        'frame 1',
        'frame 2',
        `error ${ENETDOWN}`,
        `error ${ENODEV}`,
      ]);
    });

    it('reports no error after the consumer has removed the socket', async () => {
      const [registration] = added as [Registration];
      let removed: Promise<void> | undefined;
      consumer.take = 1;
      consumer.onTurn = () => {
        if (consumer.numbers.at(-1) === 2) removed = registration.remove();
      };
      framesThenError();
      await consumer.untilFrames(3);
      await removed;
      expect(reported()).to.deep.equal(['frame 100', 'frame 1', 'frame 2']);
    });

    // The event loop does not notice it.
    const ofThread = kind === 'thread' ? it : () => undefined;
    ofThread('reports EBADF once for a descriptor that the program has closed', async () => {
      const other = new Recorder();
      using second = new TrailedPair();
      add(second.near, other);
      pair.closeNear();
      // The thread holds the file in poll(2) until something wakes it.
      second.send(classicBytes(1));
      await untilError();
      second.send(classicBytes(2));
      await other.untilFrames(2);
      expect(consumer.log).to.deep.equal(['frame 100', `error ${EBADF}`]);
      expect(other.log).to.deep.equal(['frame 1', 'frame 2']);
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
    });

    it('throws the exception of a consumer as uncaught, and delivers later frames', async () => {
      const errors = await collectUncaught(async () => {
        consumer.onTurn = () => {
          consumer.onTurn = undefined;
          throw new Error('from the listener');
        };
        pair.send(classicBytes(1));
        await consumer.untilFrames(2);
        pair.send(classicBytes(2));
        await consumer.untilFrames(3);
      });
      expect(errors.map(({ message }) => message)).to.deep.equal(['from the listener']);
      expect(consumer.numbers).to.deep.equal([100, 1, 2]);
    });

    it('delivers the frames of other sockets when a consumer throws', async () => {
      using second = new TrailedPair();
      const other = new Recorder();
      add(second.near, other);
      second.send(classicBytes(7));
      await other.untilFrames(1);
      const errors = await collectUncaught(async (caught) => {
        consumer.take = 1;
        consumer.onTurn = () => {
          throw new Error(`at ${consumer.numbers.length}`);
        };
        for (const number of [1, 2, 3]) pair.send(classicBytes(number));
        second.send(classicBytes(8));
        if (kind === 'thread') {
          consumer.blockUntilProduced(4);
          other.blockUntilProduced(2);
        }
        await other.untilFrames(2);
        await consumer.untilFrames(4);
        while (caught.length < 3) await new Promise(setImmediate);
      });
      expect(errors).to.have.length(3);
      expect(consumer.numbers).to.deep.equal([100, 1, 2, 3]);
      expect(other.numbers).to.deep.equal([7, 8]);
    });

    it('reports an error although the consumer throws on the frames before it', async () => {
      const errors = await collectUncaught(async (caught) => {
        consumer.take = 1;
        consumer.onTurn = () => {
          if (caught.length >= 2) consumer.onTurn = undefined;
          throw new Error('from the listener');
        };
        framesThenError();
        await untilError();
        await new Promise(setImmediate);
      });
      expect(errors.length).to.be.at.least(1);
      expect(consumer.numbers.slice(0, 2)).to.deep.equal([100, 1]);
    });
  });
}
