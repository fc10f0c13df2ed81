import { expect } from 'chai';
import * as fc from 'fast-check';
import { CANSocket, parseFrame, VirtualBus } from '../../src';
import { Losses } from '../../src/socket/losses';
import { collectUncaught } from '../support/processes/process';

/** A receive buffer of so many frames, and how often its drops were asked for. */
class Buffer {
  readonly receiveBufferSize: number;
  count = 0;
  asked = 0;

  constructor(frames: number) {
    this.receiveBufferSize = frames * 768;
  }

  get drops(): number {
    this.asked++;
    return this.count;
  }
}

describe('Losses', () => {
  it('are not asked for as long as few frames come together: the buffer cannot have been full', () => {
    const buffer = new Buffer(555);
    const losses = new Losses(buffer);
    for (let taken = 0; taken < 32; taken++) expect(losses.news(taken, 0)).to.equal(0);
    expect(buffer.asked).to.equal(0);
  });

  it('are told once, with what may have been the rest of a full buffer', () => {
    const buffer = new Buffer(555);
    const losses = new Losses(buffer);
    buffer.count = 7;
    expect([losses.news(32, 0), losses.news(64, 0), losses.news(512, 0)]).to.deep.equal([7, 0, 0]);
    buffer.count = 9;
    expect([losses.news(64, 0), losses.news(64, 0)]).to.deep.equal([2, 0]);
  });

  it('are told with half of a small buffer, for it may come in two parts', () => {
    const buffer = new Buffer(6);
    const losses = new Losses(buffer);
    buffer.count = 1;
    expect([losses.news(2, 0), losses.news(3, 0)]).to.deep.equal([0, 1]);
  });

  it('are told with a single frame that reports them, by the count of the kernel', () => {
    const buffer = new Buffer(555);
    const losses = new Losses(buffer);
    buffer.count = 12;
    expect([losses.news(1, 10), losses.news(1, 10), losses.news(1, 12)]).to.deep.equal([12, 0, 0]);
  });

  it('are told by the reports alone where the kernel has no count', () => {
    const losses = new Losses(new Buffer(555));
    expect([losses.news(1, 4), losses.news(1, 9), losses.total]).to.deep.equal([4, 5, 9]);
  });

  it('told in all are never more than there were, and all of them after a full buffer', () => {
    const step = fc.record({ taken: fc.nat({ max: 100 }), lost: fc.nat({ max: 9 }) });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 3, max: 100 }), (steps, frames) => {
        const buffer = new Buffer(frames);
        const losses = new Losses(buffer);
        let told = 0;
        for (const { taken, lost } of steps) {
          buffer.count += lost;
          const news = losses.news(taken, 0);
          expect(news).to.be.at.least(0);
          told += news;
          expect(told).to.be.at.most(buffer.count);
        }
        told += losses.news(frames, 0);
        expect(told).to.equal(buffer.count);
      }),
    );
  });
});

for (const poller of ['thread', 'loop'] as const) {
  describe(`what a socket has lost (${poller})`, () => {
    const bus = VirtualBus.get(`losses-${poller}`);
    const frame = parseFrame('123#11');

    it('is told though no frame follows it, with buffers of any size', async function () {
      this.timeout(30_000);
      for (const receiveBufferSize of [1, 8000, 100_000]) {
        await using socket = new CANSocket(bus.interfaceName, { poller, receiveBufferSize });
        let received = 0;
        let told = 0;
        socket.on('frames', ({ length }) => (received += length));
        socket.on('overflow', (lost) => (told += lost));
        await socket.drain();
        let sent = 0;
        for (let round = 0; round < 100; round++) {
          const burst = 1 + ((round * 7) % Math.ceil(receiveBufferSize / 300 + 12));
          for (let i = 0; i < burst; i++, sent++) bus.inject(frame);
          await socket.drain();
          expect(received + socket.statistics.dropped).to.equal(sent);
          expect(told, `round ${round}, ${receiveBufferSize} bytes`).to.equal(
            socket.statistics.dropped,
          );
        }
        if (poller === 'loop') expect(told).to.be.greaterThan(0);
      }
    });

    it('is told though a listener throws over the frames', async () => {
      await using socket = new CANSocket(bus.interfaceName, { poller, receiveBufferSize: 1 });
      let told = 0;
      socket.on('overflow', (lost) => (told += lost));
      const errors = await collectUncaught(async () => {
        socket.on('frames', () => {
          throw new Error('of the listener');
        });
        for (let i = 0; i < 1000; i++) bus.inject(frame);
        await socket.drain();
      });
      expect(errors.length).to.be.at.least(1);
      const { dropped } = socket.statistics;
      expect(dropped).to.be.greaterThan(0);
      expect(told).to.equal(dropped);
    });
  });
}
