import { expect } from 'chai';
import { CANSocket, DataFrame, SocketCANMedia } from '../../src';
import { addVcan, removeLink, tc } from '../support/kernel/guest';
import { after } from '../support/waiting/until';
import { ListeningMedia } from '../support/sockets/media';

function numbered(count: number): { frame: DataFrame; loopback: boolean }[] {
  return Array.from({ length: count }, (_, i) => ({
    frame: new DataFrame(29, i, new Uint8Array(8)),
    loopback: false,
  }));
}

describe('SocketCANMedia.send into a queue that is full', () => {
  afterEach(() => {
    removeLink('vcan7');
  });

  it('waits for a queue that says ENOBUFS until the deadline, and returns the exact count', async () => {
    addVcan('vcan7');
    tc('qdisc', 'add', 'dev', 'vcan7', 'root', 'netem', 'delay', '20ms', 'limit', '10');
    const listener = new ListeningMedia('vcan7', 64);
    const media = new SocketCANMedia('vcan7', 64);
    const sent = await media.send(numbered(10_000), after(300));
    expect(sent).to.be.within(20, 9999);
    await listener.until(sent);
    expect(listener.received.map(({ frame }) => frame.identifier)).to.deep.equal(
      Array.from({ length: sent }, (_, i) => i),
    );
    const { retries, expired, refused } = media.statistics;
    expect(retries).to.be.greaterThan(0);
    expect({ expired, refused }).to.deep.equal({ expired: 10_000 - sent, refused: 0 });
    await media.close();
    await listener.close();
  });

  it('waits for a queue that says EAGAIN until the deadline, and returns the exact count', async () => {
    addVcan('vcan7');
    tc(
      'qdisc',
      'add',
      'dev',
      'vcan7',
      'root',
      'tbf',
      'rate',
      '100kbit',
      'burst',
      '64',
      'limit',
      '64000',
    );
    // Classic frames: one of CAN FD, 72 bytes, never fits into the bucket.
    const listener = new ListeningMedia('vcan7', 64);
    const media = new SocketCANMedia('vcan7', 8);
    const sent = await media.send(numbered(10_000), after(300));
    expect(sent).to.be.within(20, 9999);
    await listener.until(sent);
    expect(listener.received).to.have.lengthOf(sent);
    await media.close();
    await listener.close();
  });

  it('shares one queue with another socket, both waiting, neither failing', async () => {
    addVcan('vcan7');
    tc('qdisc', 'add', 'dev', 'vcan7', 'root', 'netem', 'delay', '5ms', 'limit', '10');
    const listener = new ListeningMedia('vcan7', 64);
    const [a, b] = [new CANSocket('vcan7'), new CANSocket('vcan7')];
    const frames = numbered(100).map(({ frame }) => frame);
    const results = await Promise.all([
      a.send(frames, { timeoutMs: 10_000 }),
      b.send(frames, { timeoutMs: 10_000 }),
    ]);
    expect(results.map(({ sent }) => sent)).to.deep.equal([100, 100]);
    await listener.until(200);
    await a.close();
    await b.close();
    await listener.close();
  });
});
