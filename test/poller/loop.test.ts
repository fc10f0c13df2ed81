import { expect } from 'chai';
import * as koffi from 'koffi';
import { CANSocket, parseFrame, SocketCANError, VirtualBus } from '../../src';
import { runFixture, runToEnd } from '../support/processes/ending';
import { openDescriptors } from '../support/processes/process';
import { thrown } from '../support/asserts/thrown';

const COUNT_THREADS = `console.log(require('fs').readdirSync('/proc/self/task').length)`;

/** Runs the body with a koffi that has no koffi.node.poll, as another version may be. */
function withoutPoll(body: () => void): void {
  const node = (koffi as unknown as { readonly node: { poll: unknown } }).node;
  const { poll } = node;
  node.poll = undefined;
  try {
    body();
  } finally {
    node.poll = poll;
  }
}

describe("the poller 'loop'", () => {
  it('has no thread: a process with no other has as many as a bare Node', async () => {
    const [ours, bare] = await Promise.all([
      runFixture('loop-threads'),
      runToEnd(process.execPath, ['-e', COUNT_THREADS]),
    ]);
    expect(ours.stderr).to.equal('');
    expect(ours.stdout).to.equal(bare.stdout);
  });

  it('of a koffi without koffi.node.poll is refused at once, with nothing opened', () => {
    const before = openDescriptors();
    withoutPoll(() => {
      const error = thrown(() => new CANSocket('virtual:loop-absent', { poller: 'loop' }));
      expect(error).to.be.instanceOf(SocketCANError);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_UNSUPPORTED');
      expect(error.message).to.contain('koffi.node.poll');
    });
    expect(openDescriptors()).to.deep.equal(before);
  });

  it('is all that needs it: the thread wakes by a message where it is absent', async () => {
    const bus = VirtualBus.get('loop-absent');
    const sockets: CANSocket[] = [];
    withoutPoll(() => {
      sockets.push(new CANSocket('virtual:loop-absent'));
      sockets.push(new CANSocket('virtual:loop-absent', { poller: 'thread' }));
    });
    for (const socket of sockets) {
      const received = new Promise((resolve) => socket.once('frames', resolve));
      bus.inject(parseFrame('123#11'));
      await received;
      await socket.close();
    }
  });

  it('lets a listener close its socket, open another, and send, with the frames it has', async () => {
    const bus = VirtualBus.get('loop-reentry');
    for (let round = 0; round < 20; round++) {
      const log: string[] = [];
      let next: CANSocket | undefined;
      const socket = new CANSocket('virtual:loop-reentry', { poller: 'loop' });
      const told = new Promise<void>((resolve) => {
        socket.on('frames', (frames) => {
          log.push(...frames.map(({ frame }) => String(frame)));
          const last = new CANSocket('virtual:loop-reentry', { poller: 'loop' });
          next = last;
          last.on('frames', (all) => {
            log.push(...all.map(({ frame }) => `next ${String(frame)}`));
            resolve();
          });
          void socket.send(parseFrame('124#22'));
          void socket.close();
        });
      });
      bus.inject(parseFrame('123#11'));
      bus.inject(parseFrame('123#12'));
      await told;
      expect(log).to.deep.equal(['123#11', '123#12', 'next 124#22']);
      await next?.close();
    }
  });

  it('receives on after the link was down, time after time', async () => {
    const bus = VirtualBus.get('loop-errors');
    await using socket = new CANSocket('virtual:loop-errors', { poller: 'loop' });
    const log: string[] = [];
    socket.on('frames', (frames) => log.push(...frames.map(({ frame }) => String(frame))));
    socket.on('down', () => log.push('down'));
    socket.on('up', () => log.push('up'));
    await socket.drain();
    for (let round = 0; round < 5; round++) {
      log.length = 0;
      bus.inject(parseFrame('123#11'));
      const up = new Promise((resolve) => socket.once('up', resolve));
      const down = new Promise((resolve) => socket.once('down', resolve));
      bus.down();
      await down;
      bus.up();
      await up;
      bus.inject(parseFrame('123#12'));
      await socket.drain();
      expect(log).to.deep.equal(['123#11', 'down', 'up', '123#12']);
    }
  });
});
