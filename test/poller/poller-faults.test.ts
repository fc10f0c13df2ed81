import { expect } from 'chai';
import { receiveFrom, TRAILER, type Registration, type Sink } from '../../src/poller';
import { EBADF, ENETDOWN, ENODEV } from '../../src/libc';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { block, collectUncaught } from '../support/processes/process';
import { readingOf, Recorder } from '../support/fakes/sink';

const ECONNRESET = 104;

/** A packet that is an error, as the virtual bus sends it. */
function faultBytes(errno: number): Uint8Array {
  return new Uint8Array(new Uint32Array([TRAILER.fault, errno]).buffer);
}

for (const kind of ['thread', 'loop'] as const) {
  describe(`Poller (${kind})`, () => {
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
      // The thread runs and waits in poll(2) when a test begins.
      add(pair.near, sink);
      pair.send(classicBytes(100));
      await sink.untilFrames(1);
    });
    afterEach(async () => {
      await Promise.all(added.splice(0).map((registration) => registration.remove()));
      pair[Symbol.dispose]();
    });

    /** Three frames are in the ring and then an error comes, while this thread sees nothing of it. */
    function framesThenFault(): void {
      for (const number of [1, 2, 3]) pair.send(classicBytes(number));
      block(50);
      pair.resetFar();
      block(50);
    }

    /** What happened, without the end of file that this pair has for ever afterwards, and no CAN socket. */
    const heard = () =>
      sink.log.filter((line) => line !== 'frame -1' && line !== `fault ${ENODEV}`);
    const untilFault = () => sink.until(() => sink.log.some((line) => line.startsWith('fault')));

    it('tells of an error after the frames that were received before it', async () => {
      framesThenFault();
      await untilFault();
      expect(heard()).to.deep.equal([
        'frame 100',
        'frame 1',
        'frame 2',
        'frame 3',
        `fault ${ECONNRESET}`,
      ]);
    });

    it('tells of an error after the frames before it to a sink that takes few at a time', async () => {
      sink.take = 1;
      framesThenFault();
      await untilFault();
      expect(heard().slice(1)).to.deep.equal([
        'frame 1',
        'frame 2',
        'frame 3',
        `fault ${ECONNRESET}`,
      ]);
    });

    it('delivers the frames the kernel hands out after an error', async () => {
      // Sent and reset in one go: the thread sees the error first, the frames then.
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

    it('tells of every error that came, in order, the last of them final', async () => {
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

    it('tells of no error after a remove() made for the frames before it', async () => {
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

    // The event loop does not hear of it.
    const ofThread = kind === 'thread' ? it : () => undefined;
    ofThread('tells of a descriptor that was closed behind its back, once', async () => {
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

    it('lets the exception of a sink surface, and delivers what comes later', async () => {
      const errors = await collectUncaught(async () => {
        sink.onTurn = () => {
          sink.onTurn = undefined;
          throw new Error('of the listener');
        };
        pair.send(classicBytes(1));
        await sink.untilFrames(2);
        pair.send(classicBytes(2));
        await sink.untilFrames(3);
      });
      expect(errors.map(({ message }) => message)).to.deep.equal(['of the listener']);
      expect(sink.numbers).to.deep.equal([100, 1, 2]);
    });

    it('delivers the frames of other sockets, whatever a sink throws', async () => {
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
        block(50);
        await other.untilFrames(2);
        await sink.untilFrames(4);
        while (caught.length < 3) await new Promise(setImmediate);
      });
      expect(errors).to.have.length(3);
      expect(sink.numbers).to.deep.equal([100, 1, 2, 3]);
      expect(other.numbers).to.deep.equal([7, 8]);
    });

    it('tells of an error though the sink throws over the frames before it', async () => {
      const errors = await collectUncaught(async (caught) => {
        sink.take = 1;
        sink.onTurn = () => {
          if (caught.length >= 2) sink.onTurn = undefined;
          throw new Error('of the listener');
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
