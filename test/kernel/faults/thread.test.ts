import { constants } from 'node:os';
import { expect } from 'chai';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { until } from '../../support/waiting/until';
import { SocketRecorder } from '../../support/sockets/socket-recorder';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { openDescriptors } from '../../support/processes/process';
import { row } from '../../support/rows/row';
import { signalThread } from '../../support/kernel/system';
import { threadIds, threadsBeside, threadStatus } from '../../support/processes/threads';

const NAME = 'vcan7';
const OTHER = 'vcan8';

/** The numbers of this process's sockets. */
function socketNumbers(): number[] {
  return openDescriptors()
    .filter((line) => line.includes(' socket:'))
    .map((line) => parseInt(line, 10));
}

describe('The poller thread', () => {
  beforeEach(() => {
    for (const name of [NAME, OTHER]) addVcan(name);
  });
  afterEach(() => {
    for (const name of [NAME, OTHER]) removeLink(name);
  });

  row('S3', 'reads the right socket when a descriptor number is used again, 10 times', async (seen) => {
    const keeper = new SocketRecorder(NAME).receive();
    const traffic = new NumberedTraffic(NAME, 1);
    const other = new NumberedTraffic(OTHER, 0, 100_000);
    let reused = 0;
    for (let round = 0; round < 10; round++) {
      const before = new Set(socketNumbers());
      const first = new SocketRecorder(NAME).receive();
      const numbers = socketNumbers().filter((number) => !before.has(number));
      await first.frames(2);
      await first.close();
      const had = first.numbers.length;
      const second = new SocketRecorder(OTHER).receive();
      if (socketNumbers().some((number) => numbers.includes(number))) reused++;
      other.write(2);
      await second.frames(2);
      expect(second.numbers.every((number) => number >= 100_000)).to.equal(true);
      expect(first.numbers.length, 'frames after the close').to.equal(had);
      await second.close();
    }
    traffic.stop();
    await keeper.until(traffic.numbers.length - 1);
    expect(keeper.numbers).to.deep.equal(traffic.numbers);
    expect(reused).to.be.greaterThan(0);
    seen(`the number was the same in ${reused} of 10; no socket received another's frames`);
  });

  row('S5', 'receives on 30 sockets that are opened, and closed, in one turn of the event loop', async (seen) => {
    const keeper = new SocketRecorder(NAME).receive();
    const traffic = new NumberedTraffic(NAME, 0);
    traffic.write();
    await keeper.frames(1);
    const descriptors = openDescriptors().length;
    const all = Array.from({ length: 30 }, () => new SocketRecorder(NAME).receive());
    traffic.write(3);
    await Promise.all(all.map((each) => each.frames(3)));
    await Promise.all(all.map((each) => each.close()));
    traffic.write();
    await keeper.frames(5);
    expect(openDescriptors()).to.have.lengthOf(descriptors);
    expect(all.map(({ numbers }) => numbers)).to.deep.equal(all.map(() => [1, 2, 3]));
    seen('each received every frame; all descriptors are free again');
  });

  row('S8', 'loses no frame when 150 signals interrupt the thread under traffic', async (seen) => {
    const before = threadIds();
    const recorder = new SocketRecorder(NAME).follow().receive();
    const traffic = new NumberedTraffic(NAME, 2);
    await recorder.frames(1);
    // The poller thread, and what Node may have started meanwhile, which blocks signals or ignores them.
    const takes = (thread: number): boolean => {
      const blocked = BigInt(`0x${threadStatus(thread, 'SigBlk')}`);
      return (blocked & (1n << BigInt(constants.signals.SIGUSR2 - 1))) === 0n;
    };
    const threads = threadsBeside(before).filter(takes);
    expect(threads).to.not.deep.equal([]);
    let signals = 0;
    const handler = (): void => {
      signals++;
    };
    process.on('SIGUSR2', handler);
    try {
      for (let round = 0; round < 50; round++) {
        const count = recorder.numbers.length;
        for (let i = 0; i < 3; i++) {
          for (const thread of threads) signalThread(thread, constants.signals.SIGUSR2);
        }
        await recorder.frames(count + 1);
      }
      await until(() => signals > 0, 'signals arrive');
    } finally {
      process.off('SIGUSR2', handler);
    }
    traffic.stop();
    await recorder.frames(traffic.numbers.length);
    expect(recorder.numbers).to.deep.equal(traffic.numbers);
    expect(recorder.events).to.deep.equal([]);
    expect(recorder.socket.statistics).to.include({ dropped: 0, reopened: 0 });
    seen(`no error, none of ${traffic.numbers.length} frames lost`);
  });
});
