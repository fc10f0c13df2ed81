import { expect } from 'chai';
import { CANSocket, DataFrame, SocketCANMedia } from '../../src';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, until } from '../support/waiting/until';
import { envelopes, ListeningMedia } from '../support/sockets/media';
import { frameBytes, type Neighbour, type World } from './world';

function thrownBy(run: () => unknown): Record<string, unknown> & Error {
  try {
    run();
  } catch (error) {
    return error as Record<string, unknown> & Error;
  }
  throw new Error('Nothing was thrown');
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('It was fulfilled'),
    (reason: unknown) => reason as Error,
  );
}

export function links(world: World): void {
  beforeEach(() => {
    world.create();
  });
  afterEach(() => {
    world.destroy();
  });

  /** One frame from outside. */
  function put(canId: number): void {
    const neighbour: Neighbour = world.neighbour();
    neighbour.write(frameBytes(canId, 0));
    neighbour.close();
  }

  it('refuses an interface that does not exist, by name', () => {
    const error = thrownBy(() => new SocketCANMedia(world.absentName, 64));
    expect(error).to.include({ code: 'ENODEV', errno: -19, interface: world.absentName });
    expect(error.message).to.include(`'${world.absentName}'`);
    expect(error['hint']).to.be.a('string');
  });

  it('works on an interface of MTU 16 with classic frames', async () => {
    world.setMTU(16);
    const a = new ListeningMedia(world.interfaceName, 8);
    const b = new ListeningMedia(world.interfaceName, 8);
    expect(await a.media.send(envelopes(true, '123#0102'), after(1000))).to.equal(1);
    await a.until(1);
    await b.until(1);
    expect([a.texts, b.texts]).to.deep.equal([['123#0102'], ['123#0102']]);
    await a.close();
    await b.close();
  });

  it('rejects a CAN FD frame to an interface without CAN FD, naming the MTU and the way out', async () => {
    world.setMTU(16);
    const media = new SocketCANMedia(world.interfaceName, 64);
    const error = await rejection(media.send(envelopes(false, '123#01'), after(1000)));
    expect(error).to.include({
      code: 'ERR_SOCKETCAN_CONFIGURATION',
      interface: world.interfaceName,
      sent: 0,
    });
    expect(error.message).to.match(/MTU is 16.*MTU 8/);
    expect(error.cause).to.include({ code: 'EINVAL', errno: -22, syscall: 'sendmmsg' });
    expect(media.state).to.equal('up');
    await media.close();
  });

  it('stops at a frame the interface does not take, with the exact count before it', async () => {
    world.setMTU(16);
    const socket = new CANSocket(world.interfaceName);
    const listener = new ListeningMedia(world.interfaceName, 8);
    const frames = [1, 2, 3].map((id) => new DataFrame(11, id, Uint8Array.of(id)));
    const fd = new DataFrame(11, 4, new Uint8Array(12));
    const error = await rejection(socket.send([...frames, fd, ...frames]));
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', sent: 3 });
    await listener.until(3);
    expect(listener.texts).to.deep.equal(['001#01', '002#02', '003#03']);
    expect(socket.statistics).to.include({ sent: 3, refused: 4 });
    await socket.close();
    await listener.close();
  });

  it('opens an interface that is down, and works as soon as it is up', async () => {
    world.down();
    const listener = new ListeningMedia(world.interfaceName, 64);
    expect(listener.media.state).to.equal('down');
    expect(await listener.media.send(envelopes(false, '123#01'), after(50))).to.equal(0);
    const changes: string[] = [];
    listener.media.on('up', () => changes.push('up'));
    world.up();
    put(0x123);
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['123#']);
    await until(() => changes.length > 0, 'it is told that the link is up');
    expect(changes).to.deep.equal(['up']);
    expect(await listener.media.send(envelopes(false, '123#03'), after(1000))).to.equal(1);
    await listener.close();
  });

  it('pauses while the link is down and goes on when it is up, losing nothing it had queued', async () => {
    const listener = new ListeningMedia(world.interfaceName, 64);
    const changes: string[] = [];
    listener.media.on('down', () => changes.push('down')).on('up', () => changes.push('up'));
    put(0x101);
    await listener.until(1);
    put(0x102);
    world.down();
    await until(() => changes.includes('down'), 'down is noticed');
    expect(listener.media.state).to.equal('down');
    world.up();
    put(0x103);
    await listener.until(3);
    expect(listener.texts).to.deep.equal(['101#', '102#', '103#']);
    await until(() => changes.includes('up'), 'it is told that the link is up');
    expect(changes).to.deep.equal(['down', 'up']);
    expect(await listener.media.send(envelopes(false, '123#04'), after(1000))).to.equal(1);
    await listener.close();
  });

  it('still receives after the link has gone down and up ten times without a frame in between', async () => {
    const listener = new ListeningMedia(world.interfaceName, 64);
    put(0x100);
    await listener.until(1);
    for (let flap = 0; flap < 10; flap++) {
      world.down();
      await sleep(5);
      world.up();
      await sleep(5);
    }
    put(0x101);
    await listener.until(2);
    expect(listener.texts).to.deep.equal(['100#', '101#']);
    await until(() => listener.media.state === 'up', 'it is told that the link is up');
    await listener.close();
  });

  for (const [event, code] of [
    ['down', undefined],
    ['gone', 'ENODEV'],
  ] as const) {
    it(`delivers 6000 frames that were queued before the link was ${event}, and then says so`, async () => {
      // More than the ring holds, while this thread does nothing but make them.
      const receiveBufferSize = 16 * 1024 * 1024;
      const socket = new CANSocket(world.interfaceName, { receiveBufferSize, reopen: false });
      const log: string[] = [];
      socket.on('error', (error) => log.push((error as NodeJS.ErrnoException).code ?? ''));
      socket.on('down', () => log.push('down')).on('up', () => log.push('up'));
      socket.on('gone', () => log.push('gone'));
      socket.on('frames', (frames) => log.push(...frames.map(({ frame }) => String(frame))));
      put(0x100);
      await until(() => log.length === 1, 'the thread runs');
      const neighbour = world.neighbour();
      for (let i = 0; i < 6000; i++) neighbour.write(frameBytes(0x80000000 + i, 0));
      neighbour.close();
      if (event === 'down') world.down();
      else world.remove();
      await until(() => log.includes(event), event);
      if (code !== undefined) await until(() => log.includes(code), code);
      const expected = Array.from(
        { length: 6000 },
        (_, i) => `${i.toString(16).padStart(8, '0')}#`,
      );
      expect(log.slice(1, 6001).map((text) => text.toLowerCase())).to.deep.equal(expected);
      // A removal is a link that goes down first, which may be seen or not.
      const told = log.slice(6001).filter((each) => event === 'down' || each !== 'down');
      expect(told).to.deep.equal(code === undefined ? [event] : [event, code]);
      expect(socket.statistics).to.include({ received: 6001, dropped: 0 });
      await socket.close();
    });
  }

  it('sends at the first call after a link that went down and up unseen', async () => {
    const socket = new CANSocket(world.interfaceName);
    world.down();
    world.up();
    const frame = new DataFrame(11, 0x123, new Uint8Array());
    expect(await socket.send(frame, { timeoutMs: 1000 })).to.include({ sent: 1, expired: 0 });
    await socket.close();
  });

  it('goes on with a send that waits when the link comes up before its deadline', async () => {
    const listener = new ListeningMedia(world.interfaceName, 64);
    const media = new SocketCANMedia(world.interfaceName, 64);
    world.down();
    const sending = media.send(envelopes(false, '123#01', '123#02'), after(5000));
    await until(() => media.state === 'down', 'the send has met the link down');
    world.up();
    expect(await sending).to.equal(2);
    await listener.until(2);
    expect(listener.texts).to.deep.equal(['123##101', '123##102']);
    await media.close();
    await listener.close();
  });

  it('closes, told not to reopen, when the interface is removed, and says why in every later error', async () => {
    const listener = new ListeningMedia(world.interfaceName, 64, { reopen: false });
    const { media } = listener;
    const events: string[] = [];
    media.on('gone', () => events.push('gone'));
    media.on('close', () => events.push('close'));
    media.on('error', (error) => events.push((error as NodeJS.ErrnoException).code ?? ''));
    put(0x123);
    await listener.until(1);
    world.remove();
    await until(() => events.includes('close'), 'the media is closed');
    expect(events).to.deep.equal(['gone', 'ENODEV', 'close']);
    const reason = await rejection(media.send(envelopes(false, '123#02'), after(1000)));
    expect(reason).to.include({ code: 'ERR_SOCKETCAN_CLOSED' });
    expect(reason.cause).to.include({ code: 'ENODEV' });
    const thrown = thrownBy(() => {
      media.configureAcceptanceFilters([]);
    });
    expect(thrown['code']).to.equal('ERR_SOCKETCAN_CLOSED');
    expect(thrown.cause).to.include({ code: 'ENODEV' });
    world.add();
    const fresh = new ListeningMedia(world.interfaceName, 64);
    put(0x124);
    await fresh.until(1);
    await fresh.close();
  });

  it('notices each of eight removals, each of them two errors in a row', async () => {
    const keeper = new ListeningMedia(world.interfaceName, 64);
    put(0x100);
    await keeper.until(1);
    for (let round = 0; round < 8; round++) {
      const media = new SocketCANMedia(world.interfaceName, 64, { reopen: false });
      const events: string[] = [];
      media.on('gone', () => events.push('gone')).on('close', () => events.push('close'));
      media.on('error', (error) => events.push((error as NodeJS.ErrnoException).code ?? ''));
      media.start(() => events.push('frames'), false);
      put(0x101);
      await until(() => events.includes('frames'), 'a frame');
      world.remove();
      await until(() => events.includes('close'), `the media is closed, round ${round}`);
      expect(events).to.deep.equal(['frames', 'gone', 'ENODEV', 'close']);
      world.add();
    }
    await keeper.close();
  });

  it('rejects a send, told not to reopen, to an interface that was removed, and closes', async () => {
    const media = new SocketCANMedia(world.interfaceName, 64, { reopen: false });
    const failures: unknown[] = [];
    media.on('error', (error) => failures.push((error as NodeJS.ErrnoException).code));
    world.remove();
    const error = await rejection(media.send(envelopes(false, '123#01'), after(1000)));
    expect(error).to.include({ code: 'ENXIO', syscall: 'sendmmsg', sent: 0 });
    await until(() => media.state === 'closed', 'the media is closed');
    expect(failures).to.deep.equal(['ENXIO']);
  });
}
