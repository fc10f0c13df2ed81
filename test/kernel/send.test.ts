import { expect } from 'chai';
import { CANSocket, DataFrame, SocketCANMedia } from '../../src';
import { addVcan, after, removeLink, tc } from '../support/guest';
import { envelopes, ListeningMedia } from '../support/media';

function numbered(count: number): { frame: DataFrame; loopback: boolean }[] {
  return Array.from({ length: count }, (_, i) => ({
    frame: new DataFrame(29, i, new Uint8Array(8)),
    loopback: false,
  }));
}

describe('SocketCANMedia.send', () => {
  afterEach(() => {
    removeLink('vcan7');
  });

  it('sends thousands of frames of one call in order', async () => {
    const listener = new ListeningMedia('vcan0', 64, { receiveBufferSize: 8 * 1024 * 1024 });
    const media = new SocketCANMedia('vcan0', 64);
    expect(await media.send(numbered(5000), after(10_000))).to.equal(5000);
    await listener.until(5000);
    expect(listener.received.map(({ frame }) => frame.identifier)).to.deep.equal(
      Array.from({ length: 5000 }, (_, i) => i),
    );
    await media.close();
    await listener.close();
  });

  it('sends nothing when the deadline has passed', async () => {
    const media = new SocketCANMedia('vcan0', 64);
    expect(await media.send(envelopes(false, '123#'), after(-1))).to.equal(0);
    expect(await media.send([], after(1000))).to.equal(0);
    expect(media.statistics).to.include({ sent: 0, expired: 1 });
    await media.close();
  });

  it('rejects wrong frames before the first is sent', async () => {
    const media = new SocketCANMedia('vcan0', 8);
    const listener = new ListeningMedia('vcan0', 64);
    const long = { frame: new DataFrame(11, 1, new Uint8Array(12)), loopback: false };
    const rejected = (frames: unknown): Promise<unknown> =>
      media.send(frames as never, after(1000)).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await rejected([...envelopes(false, '123#'), long])).to.include({
      code: 'ERR_SOCKETCAN_INVALID_FRAME',
      name: 'RangeError',
    });
    expect(await rejected([...envelopes(false, '123#'), {}])).to.include({
      code: 'ERR_SOCKETCAN_INVALID_FRAME',
      name: 'TypeError',
    });
    expect(await rejected(7)).to.include({ name: 'TypeError' });
    expect(await media.send(envelopes(false, '124#'), after(1000))).to.equal(1);
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['124#']);
    expect(media.statistics.sent).to.equal(1);
    await media.close();
    await listener.close();
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
    expect(results).to.deep.equal([
      { sent: 100, expired: 0 },
      { sent: 100, expired: 0 },
    ]);
    await listener.until(200);
    await a.close();
    await b.close();
    await listener.close();
  });
});

describe('Loopback of SocketCANMedia', () => {
  it('brings back exactly the frames it was asked for, in order, among others of the same media', async () => {
    const listener = new ListeningMedia('vcan0', 64);
    const texts = ['123#01', '123#01', '1BADC0FE#02', '123#01', '123#03', '123#03'];
    const wishes = [false, true, true, false, true, false];
    const batch = envelopes(false, ...texts).map((each, i) => ({
      ...each,
      loopback: wishes[i] === true,
    }));
    for (let round = 0; round < 20; round++) {
      expect(await listener.media.send(batch, after(1000))).to.equal(6);
    }
    await listener.until(60);
    expect(listener.texts).to.deep.equal(
      Array.from({ length: 20 }, () => ['123##101', '1BADC0FE##102', '123##103']).flat(),
    );
    expect(listener.received.every(({ loopback }) => loopback)).to.equal(true);
    expect(listener.media.statistics).to.include({ receivedOwn: 60, unrequested: 60, received: 0 });
    await listener.close();
  });

  it('marks no frame of another media', async () => {
    const a = new ListeningMedia('vcan0', 64);
    const b = new ListeningMedia('vcan0', 64);
    await a.media.send(envelopes(true, '123#01'), after(1000));
    await b.media.send(envelopes(true, '123#01'), after(1000));
    await a.until(2);
    await b.until(2);
    expect(a.received.map(({ loopback }) => loopback)).to.deep.equal([true, false]);
    expect(b.received.map(({ loopback }) => loopback)).to.deep.equal([false, true]);
    await a.close();
    await b.close();
  });
});
