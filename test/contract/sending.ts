import { expect } from 'chai';
import { DataFrame, ErrorFrame, FilterConfiguration, RemoteFrame, type ReceivedFrame } from '../../src';
import { after, until } from '../support/waiting/until';
import { envelopes } from '../support/sockets/media';
import { farDeadline, LONG_TIMEOUT } from '../support/sockets/long-timeout';
import type { World } from './world';
import { useWorld } from './world-sockets';

export function sending(world: World): void {
  const open = useWorld(world);

  it('transfers data frames of every length unchanged', async () => {
    const a = open.listeningMedia();
    const b = open.listeningMedia();
    const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
    const frames = lengths.map((length) => ({
      frame: new DataFrame(
        29,
        0x1000 + length,
        new Uint8Array(length).map((_, i) => i * 3 + length),
      ),
      loopback: false,
    }));
    expect(await a.media.send(frames, farDeadline())).to.equal(frames.length);
    await b.until(frames.length);
    expect(b.received.map(({ frame }) => [...frame.data])).to.deep.equal(frames.map(({ frame }) => [...frame.data]));
  });

  it('sends 5000 frames of one call in order', async () => {
    const listener = open.listeningMedia({ receiveBufferSize: 8 * 1024 * 1024 });
    const media = open.media();
    const frames = Array.from({ length: 5000 }, (_, i) => ({
      frame: new DataFrame(29, i, new Uint8Array(8)),
      loopback: false,
    }));
    expect(await media.send(frames, farDeadline())).to.equal(5000);
    await listener.until(5000);
    expect(listener.received.map(({ frame }) => frame.identifier)).to.deep.equal(
      Array.from({ length: 5000 }, (_, i) => i),
    );
  });

  it('keeps the order of calls that are not awaited', async () => {
    const listener = open.listeningMedia();
    const media = open.media();
    const counts = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        media.send([{ frame: new DataFrame(29, i, new Uint8Array()), loopback: false }], farDeadline()),
      ),
    );
    expect(counts.every((count) => count === 1)).to.equal(true);
    await listener.until(200);
    expect(listener.received.map(({ frame }) => frame.identifier)).to.deep.equal(
      Array.from({ length: 200 }, (_, i) => i),
    );
  });

  it('sends nothing when the deadline has passed', async () => {
    const media = open.media();
    expect(await media.send(envelopes(false, '123#'), after(-1))).to.equal(0);
    expect(await media.send([], farDeadline())).to.equal(0);
    expect(media.statistics).to.include({ sent: 0, expired: 1 });
  });

  it('rejects invalid frames before it sends the first one', async () => {
    const media = open.media({}, 8);
    const listener = open.listeningMedia();
    const long = { frame: new DataFrame(11, 1, new Uint8Array(12)), loopback: false };
    const rejected = (frames: unknown): Promise<unknown> =>
      media.send(frames as never, farDeadline()).then(
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
    expect(await media.send(envelopes(false, '124#'), farDeadline())).to.equal(1);
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['124#']);
    expect(media.statistics.sent).to.equal(1);
  });

  it('rejects a send without a deadline', async () => {
    const media = open.media();
    for (const deadline of [undefined, 5, '5']) {
      const error = await media.send(envelopes(false, '123#'), deadline as never).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_OPTION', name: 'TypeError' });
    }
    expect(media.statistics.sent).to.equal(0);
  });

  it('sends a short CAN FD frame as a classic frame on a classic media', async () => {
    const fd = open.listeningMedia();
    const classic = open.listeningMedia({}, 8);
    const sender = open.media();
    await sender.send(envelopes(false, '123#0102'), farDeadline());
    await fd.until(1);
    const [{ frame }] = fd.received as [(typeof fd.received)[number]];
    expect(frame.fd).to.equal(true);
    expect(await classic.media.send([{ frame, loopback: true }], farDeadline())).to.equal(1);
    await classic.until(1);
    expect(classic.texts).to.deep.equal(['123#0102']);
  });

  it('returns exactly the requested echoes, in order, among other frames of the same media', async () => {
    const listener = open.listeningMedia();
    const texts = ['123#01', '123#01', '1BADC0FE#02', '123#01', '123#03', '123#03'];
    const wishes = [false, true, true, false, true, false];
    const batch = envelopes(false, ...texts).map((each, i) => ({
      ...each,
      loopback: wishes[i] === true,
    }));
    for (let round = 0; round < 20; round++) {
      expect(await listener.media.send(batch, farDeadline())).to.equal(6);
    }
    await listener.until(60);
    expect(listener.texts).to.deep.equal(
      Array.from({ length: 20 }, () => ['123##101', '1BADC0FE##102', '123##103']).flat(),
    );
    expect(listener.received.every(({ loopback }) => loopback)).to.equal(true);
    expect(listener.media.statistics).to.include({ receivedOwn: 60, unrequested: 60, received: 0 });
  });

  it('marks no frame of another media as its own', async () => {
    const a = open.listeningMedia();
    const b = open.listeningMedia();
    await a.media.send(envelopes(true, '123#01'), farDeadline());
    await b.media.send(envelopes(true, '123#01'), farDeadline());
    await a.until(2);
    await b.until(2);
    expect(a.received.map(({ loopback }) => loopback)).to.deep.equal([true, false]);
    expect(b.received.map(({ loopback }) => loopback)).to.deep.equal([false, true]);
  });

  it('stamps every frame between its sending and its handling, on both clocks, never decreasing', async () => {
    const listener = open.listeningMedia();
    const media = open.media();
    let lastMonotonic = 0n;
    for (let round = 0; round < 20; round++) {
      const begin = process.hrtime.bigint();
      const beginSystem = BigInt(Date.now()) * 1_000_000n;
      await media.send(envelopes(false, '123#01', '123#02'), farDeadline());
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
  });
}

export function sockets(world: World): void {
  const open = useWorld(world);

  it('exchanges data, remote and error frames, and marks own and local ones', async () => {
    const a = open.socket({ receiveOwn: true, errorMask: ['bus-off'] });
    const b = open.socket({ errorMask: ['bus-off', 'tx-timeout'] });
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
    expect(await a.send(frames, LONG_TIMEOUT)).to.include({ sent: 5, expired: 0 });
    await until(() => atB.length === 5, 'five frames');
    expect(atB.map(({ frame }) => String(frame))).to.deep.equal(frames.map(String));
    expect(atB.map(({ own, local }) => [own, local])).to.deep.equal(frames.map(() => [false, true]));
    await until(() => atA.length === 4, 'four echoes, one error class less');
    expect(atA.map(({ own, local }) => [own, local])).to.deep.equal(atA.map(() => [true, true]));
    expect(a.statistics).to.include({ sent: 5, receivedOwn: 4 });
  });

  it('sends nothing to other sockets of this host with loopback off', async () => {
    const mute = open.socket({ loopback: false });
    const loud = open.socket();
    const listener = open.listeningMedia({}, 8);
    await mute.send(new DataFrame(11, 1, new Uint8Array()), LONG_TIMEOUT);
    await loud.send(new DataFrame(11, 2, new Uint8Array()), LONG_TIMEOUT);
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['002#']);
  });

  it('counts each frame that does not fit into the receive buffer', async () => {
    const socket = open.socket({ receiveBufferSize: 64 * 1024 });
    const sender = open.socket();
    const frames = Array.from({ length: 2000 }, (_, i) => new DataFrame(29, i, new Uint8Array(8)));
    expect(await sender.send(frames, LONG_TIMEOUT)).to.include({
      sent: 2000,
      expired: 0,
    });
    // The count is right before the socket reads its first frame.
    const { dropped } = socket.statistics;
    expect(dropped).to.be.within(1, 1999);
    const received: number[] = [];
    let lost = 0;
    socket.on('overflow', (count) => (lost += count));
    socket.on('frames', (list) => {
      for (const { frame } of list) if (frame instanceof DataFrame) received.push(frame.identifier);
    });
    await until(() => received.length === 2000 - dropped, 'all frames that the socket kept');
    expect(received).to.deep.equal(Array.from({ length: 2000 - dropped }, (_, i) => i));
    // All frames were dropped after the last frame that the socket kept.
    expect(lost).to.equal(dropped);
    await sender.send(new DataFrame(29, 2000, new Uint8Array()), LONG_TIMEOUT);
    await until(() => received.length === 2001 - dropped, 'the next frame');
    expect(lost).to.equal(dropped);
    expect(socket.statistics).to.include({ received: 2001 - dropped, dropped });
    await socket.close();
    expect(socket.statistics.dropped).to.equal(dropped);
  });

  it('delivers frames to a listener added after all others were removed', async () => {
    const socket = open.socket();
    socket.removeAllListeners();
    const received: string[] = [];
    socket.on('frames', (frames) => received.push(...frames.map(({ frame }) => String(frame))));
    const sender = open.socket();
    await sender.send(new DataFrame(11, 1, new Uint8Array()), LONG_TIMEOUT);
    await until(() => received.length === 1, 'a frame');
    socket.removeAllListeners('frames');
    await socket.close();
  });

  it('accepts frames that match all filters with joinFilters', async () => {
    const joined = open.socket({
      joinFilters: true,
      filters: [new FilterConfiguration(0x100, 0x700, 11), new FilterConfiguration(0x003, 0x00f, 11)],
    });
    const sender = open.socket();
    const received: string[] = [];
    joined.on('frames', (frames) => received.push(...frames.map(({ frame }) => String(frame))));
    const ids = [0x103, 0x100, 0x003, 0x1f3];
    await sender.send(
      ids.map((id) => new DataFrame(11, id, new Uint8Array())),
      LONG_TIMEOUT,
    );
    await until(() => received.length === 2, 'two frames');
    expect(received).to.deep.equal(['103#', '1F3#']);
  });
}
