import { expect } from 'chai';
import * as fc from 'fast-check';
import { CANSocket, parseFrame, VirtualBus } from '../../../src';
import { Losses } from '../../../src/channel/receive/losses';
import { POLLER_KINDS } from '../../../src/poller/kinds';
import { collectUncaught } from '../../support/processes/process';

/** A receive buffer for so many frames. It counts how often its drops are read. */
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
  it('are not read while few frames arrive together, since the buffer cannot have been full', () => {
    const buffer = new Buffer(555);
    const losses = new Losses(buffer);
    for (let taken = 0; taken < 32; taken++) expect(losses.unreported(taken, 0)).to.equal(0);
    expect(buffer.asked).to.equal(0);
  });

  it('are reported once, with frames that may have been the rest of a full buffer', () => {
    const buffer = new Buffer(555);
    const losses = new Losses(buffer);
    buffer.count = 7;
    expect([losses.unreported(32, 0), losses.unreported(64, 0), losses.unreported(512, 0)]).to.deep.equal([7, 0, 0]);
    buffer.count = 9;
    expect([losses.unreported(64, 0), losses.unreported(64, 0)]).to.deep.equal([2, 0]);
  });

  it('are reported with half of a small buffer, since it may arrive in two parts', () => {
    const buffer = new Buffer(6);
    const losses = new Losses(buffer);
    buffer.count = 1;
    expect([losses.unreported(2, 0), losses.unreported(3, 0)]).to.deep.equal([0, 1]);
  });

  it('are reported with a single frame that carries a new count, as many as the kernel counts', () => {
    const buffer = new Buffer(555);
    const losses = new Losses(buffer);
    buffer.count = 12;
    expect([losses.unreported(1, 10), losses.unreported(1, 10), losses.unreported(1, 12)]).to.deep.equal([12, 0, 0]);
  });

  it('are reported from the counts of the frames when the kernel has no count', () => {
    const losses = new Losses(new Buffer(555));
    expect([losses.unreported(1, 4), losses.unreported(1, 9), losses.total]).to.deep.equal([4, 5, 9]);
  });

  it('are never reported more often than they happened, and all of them after a full buffer', () => {
    const step = fc.record({ taken: fc.nat({ max: 100 }), lost: fc.nat({ max: 9 }) });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 3, max: 100 }), (steps, frames) => {
        const buffer = new Buffer(frames);
        const losses = new Losses(buffer);
        let reported = 0;
        for (const { taken, lost } of steps) {
          buffer.count += lost;
          const news = losses.unreported(taken, 0);
          expect(news).to.be.at.least(0);
          reported += news;
          expect(reported).to.be.at.most(buffer.count);
        }
        reported += losses.unreported(frames, 0);
        expect(reported).to.equal(buffer.count);
      }),
    );
  });
});

for (const poller of POLLER_KINDS) {
  describe(`the event 'overflow' of a CANSocket (poller '${poller}')`, () => {
    const bus = VirtualBus.get(`losses-${poller}`);
    const frame = parseFrame('123#11');

    it('reports drops although no frame follows them, with buffers of any size', async () => {
      for (const receiveBufferSize of [1, 8000, 100_000]) {
        await using socket = new CANSocket(bus.interfaceName, { poller, receiveBufferSize });
        let received = 0;
        let reported = 0;
        socket.on('frames', ({ length }) => (received += length));
        socket.on('overflow', (lost) => (reported += lost));
        await socket.drain();
        let sent = 0;
        for (let round = 0; round < 100; round++) {
          const burst = 1 + ((round * 7) % Math.ceil(receiveBufferSize / 300 + 12));
          for (let i = 0; i < burst; i++, sent++) bus.inject(frame);
          await socket.drain();
          expect(received + socket.statistics.dropped).to.equal(sent);
          expect(reported, `round ${round}, ${receiveBufferSize} bytes`).to.equal(socket.statistics.dropped);
        }
        if (poller === 'loop') expect(reported).to.be.greaterThan(0);
      }
    });

    it("reports drops although a listener of 'frames' throws", async () => {
      await using socket = new CANSocket(bus.interfaceName, { poller, receiveBufferSize: 1 });
      let reported = 0;
      socket.on('overflow', (lost) => (reported += lost));
      const errors = await collectUncaught(async () => {
        socket.on('frames', () => {
          throw new Error('of the listener');
        });
        // The thread reads at the same time, as fast as it can.
        do for (let i = 0; i < 1000; i++) bus.inject(frame);
        while (socket.statistics.dropped === 0);
        await socket.drain();
      });
      expect(errors.length).to.be.at.least(1);
      const { dropped } = socket.statistics;
      expect(dropped).to.be.greaterThan(0);
      expect(reported).to.equal(dropped);
    });
  });
}
