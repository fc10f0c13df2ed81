import { expect } from 'chai';
import { CANSocket, DataFrame, SocketCANMedia } from '../../src';
import { addVcan, removeLink, tc } from '../support/kernel/guest';
import { after, HANG_MS } from '../support/waiting/until';
import { ListeningMedia } from '../support/sockets/media';

const NAME = 'vcan7';
const MANY = 2000;

function numbered(count: number): { frame: DataFrame; loopback: boolean }[] {
  return Array.from({ length: count }, (_, i) => ({
    frame: new DataFrame(29, i, new Uint8Array(8)),
    loopback: false,
  }));
}

function queue(...discipline: readonly string[]): void {
  tc('qdisc', 'add', 'dev', NAME, 'root', ...discipline);
}

describe('SocketCANMedia.send() into a full queue', () => {
  let media: SocketCANMedia | undefined;
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(async () => {
    await media?.close();
    removeLink(NAME);
  });

  for (const [code, mtu, ...discipline] of [
    ['ENOBUFS', 64, 'netem', 'delay', '20ms', 'limit', '10'],
    // Classic frames: a CAN FD frame of 72 bytes never fits into the bucket.
    ['EAGAIN', 8, 'tbf', 'rate', '100kbit', 'burst', '64', 'limit', '64000'],
  ] as const) {
    it(`waits until the deadline on ${code}, and returns the exact number of frames`, async () => {
      queue(...discipline);
      const listener = new ListeningMedia(NAME, 64);
      media = new SocketCANMedia(NAME, mtu);
      const frames = numbered(MANY);
      const begin = process.hrtime.bigint();
      const deadline = after(300);
      const sent = await media.send(frames, deadline);
      expect(process.hrtime.bigint() >= deadline).to.equal(true);
      // The queue takes some frames at once, or none on a machine that is busy until the deadline.
      expect(sent).to.be.within(0, MANY - 1);
      await listener.until(sent);
      expect(listener.received.map(({ frame }) => frame.identifier)).to.deep.equal(
        Array.from({ length: sent }, (_, i) => i),
      );
      const { retries, expired, refused } = media.statistics;
      // It waits at least 1 ms before each retry.
      expect(retries).to.be.at.most(Number(process.hrtime.bigint() - begin) / 1e6);
      expect({ expired, refused }).to.deep.equal({ expired: MANY - sent, refused: 0 });
      await listener.close();
    });

    it(`sends all frames after waiting for room on ${code}`, async () => {
      queue(...discipline);
      const listener = new ListeningMedia(NAME, 64);
      media = new SocketCANMedia(NAME, mtu);
      // More than the queue and the send buffer take at once.
      expect(await media.send(numbered(400), after(HANG_MS))).to.equal(400);
      await listener.until(400);
      const { retries, expired, refused } = media.statistics;
      expect(retries).to.be.greaterThan(0);
      expect({ expired, refused }).to.deep.equal({ expired: 0, refused: 0 });
      await listener.close();
    });
  }

  it('sends all frames of two sockets that share the queue', async () => {
    queue('netem', 'delay', '5ms', 'limit', '10');
    const listener = new ListeningMedia(NAME, 64);
    const [a, b] = [new CANSocket(NAME), new CANSocket(NAME)];
    const frames = numbered(100).map(({ frame }) => frame);
    const results = await Promise.all([a.send(frames, { timeoutMs: HANG_MS }), b.send(frames, { timeoutMs: HANG_MS })]);
    expect(results.map(({ sent }) => sent)).to.deep.equal([100, 100]);
    await listener.until(200);
    await a.close();
    await b.close();
    await listener.close();
  });
});
