import { expect } from 'chai';
import * as koffi from 'koffi';
import { CANSocket, parseFrame, SocketCANError, VirtualBus } from '../../src';
import { runFixture, runToEnd } from '../support/processes/ending';
import { openDescriptors } from '../support/processes/process';
import { thrown } from '../support/asserts/thrown';

const COUNT_THREADS = `console.log(require('fs').readdirSync('/proc/self/task').length)`;

/** Runs the body with a koffi that lacks koffi.node.poll, like another version can. */
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
  it('starts no thread: the process has as many threads as a bare Node', async () => {
    const [ours, bare] = await Promise.all([
      runFixture('loop-threads'),
      runToEnd(process.execPath, ['-e', COUNT_THREADS]),
    ]);
    expect(ours.stderr).to.equal('');
    expect(ours.stdout).to.equal(bare.stdout);
  });

  it('throws ERR_SOCKETCAN_UNSUPPORTED without koffi.node.poll, and opens nothing', () => {
    const before = openDescriptors();
    withoutPoll(() => {
      const error = thrown(() => new CANSocket('virtual:loop-absent', { poller: 'loop' }));
      expect(error).to.be.instanceOf(SocketCANError);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_UNSUPPORTED');
      expect(error.message).to.contain('koffi.node.poll');
    });
    expect(openDescriptors()).to.deep.equal(before);
  });

  it("is the only poller that needs koffi.node.poll: 'thread' and the default receive without it", async () => {
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

  it('lets a listener close its socket, open another one, and send', async () => {
    const bus = VirtualBus.get('loop-reentry');
    for (let round = 0; round < 20; round++) {
      const log: string[] = [];
      let next: CANSocket | undefined;
      const socket = new CANSocket('virtual:loop-reentry', { poller: 'loop' });
      const finished = new Promise<void>((resolve) => {
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
      await finished;
      expect(log).to.deep.equal(['123#11', '123#12', 'next 124#22']);
      await next?.close();
    }
  });

  it('receives after each of five link failures', async () => {
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
