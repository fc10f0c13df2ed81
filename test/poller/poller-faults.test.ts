import { expect } from 'chai';
import { receiveFrom } from '../../src/poller/kinds';
import type { Registration, Sink } from '../../src/poller/sink';
import { TRAILER } from '../../src/poller/trailer';
import { Poller } from '../../src/poller/poller';
import { EBADF, ENETDOWN, ENODEV } from '../../src/libc/errno';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { blockUntil, collectUncaught } from '../support/processes/process';
import { readingOf, Recorder } from '../support/fakes/sink';

const ECONNRESET = 104;

/** A packet that reports an error, as the virtual bus sends it. */
function faultBytes(errno: number): Uint8Array {
  return new Uint8Array(new Uint32Array([TRAILER.fault, errno]).buffer);
}

for (const kind of ['thread', 'loop'] as const) {
  describe(`errors in the poller (${kind})`, () => {
    const added: Registration[] = [];
    const add = (fd: number, sink: Sink): Registration => {
      const registration = receiveFrom(kind, readingOf(fd, 64), sink);
      added.push(registration);
      return registration;
    };
    let pair: Pair;
    let sink: Recorder;

    beforeEach(async () => {
      pair = new Pair();
      sink = new Recorder();
      // The poller receives when a test begins.
      add(pair.near, sink);
      pair.send(classicBytes(100));
      await sink.untilFrames(1);
    });
    afterEach(async () => {
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
      pair[Symbol.dispose]();
    });

    /** The number of reads; 0 without a thread. */
    const reads = (): number => Poller.work?.reads ?? 0;

    /** Sends three frames and then an error. The thread reads all of them while the main thread is blocked. */
    function framesThenFault(): void {
      for (const number of [1, 2, 3]) pair.send(classicBytes(number));
      if (kind === 'thread') sink.blockUntilProduced(4);
      const before = reads();
      pair.resetFar();
      // The thread reads the error and then the end of the stream until it gives up, 9 reads in all. Of the reads
      // before, up to 3 are counted late.
      if (kind === 'thread') blockUntil(() => reads() > before + 4, 'the error was read');
    }

    /** What the sink heard, without the end of the stream, which no CAN socket has. */
    const heard = () => sink.log.filter((line) => line !== 'frame -1' && line !== `fault ${ENODEV}`);
    const untilFault = () => sink.until(() => sink.log.some((line) => line.startsWith('fault')));

    it('reports an error after the frames that were received before it', async () => {
      framesThenFault();
      await untilFault();
      expect(heard()).to.deep.equal(['frame 100', 'frame 1', 'frame 2', 'frame 3', `fault ${ECONNRESET}`]);
    });

    it('reports an error after the frames before it when the sink takes one record at a time', async () => {
      sink.take = 1;
      framesThenFault();
      await untilFault();
      expect(heard().slice(1)).to.deep.equal(['frame 1', 'frame 2', 'frame 3', `fault ${ECONNRESET}`]);
    });

    it('delivers frames that the kernel returns after a pending error', async () => {
      // The poller reads the pending error first and then the frames.
      const behind = new Pair();
      added.splice(0).forEach((registration) => void registration.remove());
      const late = new Recorder();
      for (const number of [1, 2, 3]) behind.send(classicBytes(number));
      behind.resetFar();
      add(behind.near, late);
      const fault = `fault ${ECONNRESET}`;
      await late.until(() => late.log.includes(fault) && late.numbers.length >= 3);
      expect(late.log.filter((line) => line === fault)).to.have.length(1);
      expect(late.numbers.slice(0, 3)).to.deep.equal([1, 2, 3]);
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
      behind[Symbol.dispose]();
    });

    it('reports several errors in order', async () => {
      using other = new Pair();
      const late = new Recorder();
      other.send(classicBytes(1));
      other.send(faultBytes(ENETDOWN));
      other.send(faultBytes(ENODEV));
      other.send(classicBytes(2));
      add(other.near, late);
      await late.until(() => late.log.includes(`fault ${ENODEV}`));
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
      expect(late.log.filter((line) => line !== 'frame -1')).to.deep.equal([
        'frame 1',
        'frame 2',
        `fault ${ENETDOWN}`,
        `fault ${ENODEV}`,
      ]);
    });

    it('reports no error after the sink has removed the socket', async () => {
      const [registration] = added as [Registration];
      let removed: Promise<void> | undefined;
      sink.take = 1;
      sink.onTurn = () => {
        if (sink.numbers.at(-1) === 2) removed = registration.remove();
      };
      framesThenFault();
      await sink.untilFrames(3);
      await removed;
      expect(heard()).to.deep.equal(['frame 100', 'frame 1', 'frame 2']);
    });

    // The event loop does not notice it.
    const ofThread = kind === 'thread' ? it : () => undefined;
    ofThread('reports EBADF once for a descriptor that the program has closed', async () => {
      const other = new Recorder();
      using second = new Pair();
      add(second.near, other);
      pair.closeNear();
      // The thread holds the file in poll(2) until something wakes it.
      second.send(classicBytes(1));
      await untilFault();
      second.send(classicBytes(2));
      await other.untilFrames(2);
      expect(sink.log).to.deep.equal(['frame 100', `fault ${EBADF}`]);
      expect(other.log).to.deep.equal(['frame 1', 'frame 2']);
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
    });

    it('throws the exception of a sink as uncaught, and delivers later frames', async () => {
      const errors = await collectUncaught(async () => {
        sink.onTurn = () => {
          sink.onTurn = undefined;
          throw new Error('from the listener');
        };
        pair.send(classicBytes(1));
        await sink.untilFrames(2);
        pair.send(classicBytes(2));
        await sink.untilFrames(3);
      });
      expect(errors.map(({ message }) => message)).to.deep.equal(['from the listener']);
      expect(sink.numbers).to.deep.equal([100, 1, 2]);
    });

    it('delivers the frames of other sockets when a sink throws', async () => {
      using second = new Pair();
      const other = new Recorder();
      add(second.near, other);
      second.send(classicBytes(7));
      await other.untilFrames(1);
      const errors = await collectUncaught(async (caught) => {
        sink.take = 1;
        sink.onTurn = () => {
          throw new Error(`at ${sink.numbers.length}`);
        };
        for (const number of [1, 2, 3]) pair.send(classicBytes(number));
        second.send(classicBytes(8));
        if (kind === 'thread') {
          sink.blockUntilProduced(4);
          other.blockUntilProduced(2);
        }
        await other.untilFrames(2);
        await sink.untilFrames(4);
        while (caught.length < 3) await new Promise(setImmediate);
      });
      expect(errors).to.have.length(3);
      expect(sink.numbers).to.deep.equal([100, 1, 2, 3]);
      expect(other.numbers).to.deep.equal([7, 8]);
    });

    it('reports an error although the sink throws on the frames before it', async () => {
      const errors = await collectUncaught(async (caught) => {
        sink.take = 1;
        sink.onTurn = () => {
          if (caught.length >= 2) sink.onTurn = undefined;
          throw new Error('from the listener');
        };
        framesThenFault();
        await untilFault();
        await new Promise(setImmediate);
      });
      expect(errors.length).to.be.at.least(1);
      expect(sink.numbers.slice(0, 2)).to.deep.equal([100, 1]);
    });
  });
}
