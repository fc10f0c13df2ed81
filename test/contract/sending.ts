import { expect } from 'chai';
import {
  CANSocket,
  DataFrame,
  ErrorFrame,
  FilterConfiguration,
  RemoteFrame,
  SocketCANMedia,
  type ReceivedFrame,
} from '../../src';
import { after, until } from '../support/waiting/until';
import { envelopes, ListeningMedia } from '../support/sockets/media';
import type { World } from './world';

export function sending(world: World): void {
  beforeEach(() => {
    world.create();
  });
  afterEach(() => {
    world.destroy();
  });

  it('carries data frames of every length both ways unchanged', async () => {
    const a = new ListeningMedia(world.interfaceName, 64);
    const b = new ListeningMedia(world.interfaceName, 64);
    const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
    const frames = lengths.map((length) => ({
      frame: new DataFrame(
        29,
        0x1000 + length,
        new Uint8Array(length).map((_, i) => i * 3 + length),
      ),
      loopback: false,
    }));
    expect(await a.media.send(frames, after(1000))).to.equal(frames.length);
    await b.until(frames.length);
    expect(b.received.map(({ frame }) => [...frame.data])).to.deep.equal(
      frames.map(({ frame }) => [...frame.data]),
    );
    await a.close();
    await b.close();
  });

  it('sends thousands of frames of one call in order', async () => {
    const listener = new ListeningMedia(world.interfaceName, 64, {
      receiveBufferSize: 8 * 1024 * 1024,
    });
    const media = new SocketCANMedia(world.interfaceName, 64);
    const frames = Array.from({ length: 5000 }, (_, i) => ({
      frame: new DataFrame(29, i, new Uint8Array(8)),
      loopback: false,
    }));
    expect(await media.send(frames, after(10_000))).to.equal(5000);
    await listener.until(5000);
    expect(listener.received.map(({ frame }) => frame.identifier)).to.deep.equal(
      Array.from({ length: 5000 }, (_, i) => i),
    );
    await media.close();
    await listener.close();
  });

  it('keeps the order of calls that are not awaited', async () => {
    const listener = new ListeningMedia(world.interfaceName, 64);
    const media = new SocketCANMedia(world.interfaceName, 64);
    const counts = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        media.send(
          [{ frame: new DataFrame(29, i, new Uint8Array()), loopback: false }],
          after(5000),
        ),
      ),
    );
    expect(counts.every((count) => count === 1)).to.equal(true);
    await listener.until(200);
    expect(listener.received.map(({ frame }) => frame.identifier)).to.deep.equal(
      Array.from({ length: 200 }, (_, i) => i),
    );
    await media.close();
    await listener.close();
  });

  it('sends nothing when the deadline has passed', async () => {
    const media = new SocketCANMedia(world.interfaceName, 64);
    expect(await media.send(envelopes(false, '123#'), after(-1))).to.equal(0);
    expect(await media.send([], after(1000))).to.equal(0);
    expect(media.statistics).to.include({ sent: 0, expired: 1 });
    await media.close();
  });

  it('rejects wrong frames before the first is sent', async () => {
    const media = new SocketCANMedia(world.interfaceName, 8);
    const listener = new ListeningMedia(world.interfaceName, 64);
    const long = { frame: new DataFrame(11, 1, new Uint8Array(12)), loopback: false };
    const rejected = (frames: unknown): Promise<unknown> =>
      media.send(frames as never, after(1000)).then(
        () => undefined,
        (error: unknown) => error,
      );
    const code = 'ERR_SOCKETCAN_INVALID_FRAME';
    expect(await rejected([...envelopes(false, '123#'), long])).to.include({
      code,
      name: 'RangeError',
    });
    expect(await rejected([...envelopes(false, '123#'), {}])).to.include({
      code,
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

  it('needs a deadline', async () => {
    const media = new SocketCANMedia(world.interfaceName, 64);
    for (const deadline of [undefined, 5, '5']) {
      const error = await media.send(envelopes(false, '123#'), deadline as never).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_OPTION', name: 'TypeError' });
    }
    expect(media.statistics.sent).to.equal(0);
    await media.close();
  });

  it('sends a short CAN FD frame as a classic one where the media is classic', async () => {
    const fd = new ListeningMedia(world.interfaceName, 64);
    const classic = new ListeningMedia(world.interfaceName, 8);
    const sender = new SocketCANMedia(world.interfaceName, 64);
    await sender.send(envelopes(false, '123#0102'), after(1000));
    await fd.until(1);
    const [{ frame }] = fd.received as [(typeof fd.received)[number]];
    expect(frame.fd).to.equal(true);
    expect(await classic.media.send([{ frame, loopback: true }], after(1000))).to.equal(1);
    await classic.until(1);
    expect(classic.texts).to.deep.equal(['123#0102']);
    await Promise.all([fd.close(), classic.close(), sender.close()]);
  });

  it('brings back exactly the frames it was asked for, in order, among others of the same media', async () => {
    const listener = new ListeningMedia(world.interfaceName, 64);
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

  it('marks no frame of another media as its own', async () => {
    const a = new ListeningMedia(world.interfaceName, 64);
    const b = new ListeningMedia(world.interfaceName, 64);
    await a.media.send(envelopes(true, '123#01'), after(1000));
    await b.media.send(envelopes(true, '123#01'), after(1000));
    await a.until(2);
    await b.until(2);
    expect(a.received.map(({ loopback }) => loopback)).to.deep.equal([true, false]);
    expect(b.received.map(({ loopback }) => loopback)).to.deep.equal([false, true]);
    await a.close();
    await b.close();
  });

  it('stamps every frame between its sending and its handling, on both clocks, never decreasing', async () => {
    const listener = new ListeningMedia(world.interfaceName, 64);
    const media = new SocketCANMedia(world.interfaceName, 64);
    let lastMonotonic = 0n;
    for (let round = 0; round < 20; round++) {
      const begin = process.hrtime.bigint();
      const beginSystem = BigInt(Date.now()) * 1_000_000n;
      await media.send(envelopes(false, '123#01', '123#02'), after(1000));
      await listener.until(2 * (round + 1));
      const end = process.hrtime.bigint();
      const endSystem = BigInt(Date.now() + 1) * 1_000_000n;
      for (const { timestamp } of listener.received.slice(-2)) {
        expect(timestamp.monotonicNs >= begin && timestamp.monotonicNs <= end).to.equal(true);
        expect(timestamp.systemNs >= beginSystem && timestamp.systemNs <= endSystem).to.equal(true);
        expect(timestamp.monotonicNs >= lastMonotonic).to.equal(true);
        lastMonotonic = timestamp.monotonicNs;
      }
    }
    await media.close();
    await listener.close();
  });
}

export function sockets(world: World): void {
  beforeEach(() => {
    world.create();
  });
  afterEach(() => {
    world.destroy();
  });

  it('exchanges data, remote and error frames, and marks own and local ones', async () => {
    const a = new CANSocket(world.interfaceName, { receiveOwn: true, errorMask: ['bus-off'] });
    const b = new CANSocket(world.interfaceName, { errorMask: ['bus-off', 'tx-timeout'] });
    const [atA, atB]: [ReceivedFrame[], ReceivedFrame[]] = [[], []];
    a.on('frames', (frames) => atA.push(...frames));
    b.on('frames', (frames) => atB.push(...frames));
    const frames = [
      new DataFrame(29, 0x1badc0fe, Uint8Array.of(1, 2), { fd: true, brs: true, esi: true }),
      new RemoteFrame(11, 0x123, 4),
      new ErrorFrame(0x40, new Uint8Array(8)),
      new ErrorFrame(0x1, new Uint8Array(8)),
      new DataFrame(11, 0x7ff, new Uint8Array(8)),
    ];
    expect(await a.send(frames)).to.include({ sent: 5, expired: 0 });
    await until(() => atB.length === 5, 'five frames');
    expect(atB.map(({ frame }) => String(frame))).to.deep.equal(frames.map(String));
    expect(atB.map(({ own, local }) => [own, local])).to.deep.equal(
      frames.map(() => [false, true]),
    );
    await until(() => atA.length === 4, 'four echoes, one error class less');
    expect(atA.map(({ own, local }) => [own, local])).to.deep.equal(atA.map(() => [true, true]));
    expect(a.statistics).to.include({ sent: 5, receivedOwn: 4 });
    await a.close();
    await b.close();
  });

  it('is mute with loopback off', async () => {
    const mute = new CANSocket(world.interfaceName, { loopback: false });
    const loud = new CANSocket(world.interfaceName);
    const listener = new ListeningMedia(world.interfaceName, 8);
    await mute.send(new DataFrame(11, 1, new Uint8Array()));
    await loud.send(new DataFrame(11, 2, new Uint8Array()));
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['002#']);
    await Promise.all([mute.close(), loud.close(), listener.close()]);
  });

  it('counts what did not fit into the receive buffer, to the frame', async () => {
    const socket = new CANSocket(world.interfaceName, { receiveBufferSize: 64 * 1024 });
    const sender = new CANSocket(world.interfaceName);
    const frames = Array.from({ length: 2000 }, (_, i) => new DataFrame(29, i, new Uint8Array(8)));
    expect(await sender.send(frames, { timeoutMs: 10_000 })).to.include({
      sent: 2000,
      expired: 0,
    });
    // Right before a single frame is read.
    const { dropped } = socket.statistics;
    expect(dropped).to.be.within(1, 1999);
    const received: number[] = [];
    let lost = 0;
    socket.on('overflow', (count) => (lost += count));
    socket.on('frames', (list) => {
      for (const { frame } of list) if (frame instanceof DataFrame) received.push(frame.identifier);
    });
    await until(() => received.length === 2000 - dropped, 'all that was kept');
    expect(received).to.deep.equal(Array.from({ length: 2000 - dropped }, (_, i) => i));
    // Though they were dropped after the last frame that was kept.
    expect(lost).to.equal(dropped);
    await sender.send(new DataFrame(29, 2000, new Uint8Array()));
    await until(() => received.length === 2001 - dropped, 'the next frame');
    expect(lost).to.equal(dropped);
    expect(socket.statistics).to.include({ received: 2001 - dropped, dropped });
    await socket.close();
    await sender.close();
    expect(socket.statistics.dropped).to.equal(dropped);
  });

  it('receives for a listener that comes after all others were removed', async () => {
    const socket = new CANSocket(world.interfaceName);
    socket.removeAllListeners();
    const received: string[] = [];
    socket.on('frames', (frames) => received.push(...frames.map(({ frame }) => String(frame))));
    const sender = new CANSocket(world.interfaceName);
    await sender.send(new DataFrame(11, 1, new Uint8Array()));
    await until(() => received.length === 1, 'a frame');
    socket.removeAllListeners('frames');
    await socket.close();
    await sender.close();
  });

  it('joins filters when told to', async () => {
    const joined = new CANSocket(world.interfaceName, {
      joinFilters: true,
      filters: [
        new FilterConfiguration(0x100, 0x700, 11),
        new FilterConfiguration(0x003, 0x00f, 11),
      ],
    });
    const sender = new CANSocket(world.interfaceName);
    const received: string[] = [];
    joined.on('frames', (frames) => received.push(...frames.map(({ frame }) => String(frame))));
    const ids = [0x103, 0x100, 0x003, 0x1f3];
    await sender.send(ids.map((id) => new DataFrame(11, id, new Uint8Array())));
    await until(() => received.length === 2, 'two frames');
    expect(received).to.deep.equal(['103#', '1F3#']);
    await joined.close();
    await sender.close();
  });
}
