import { expect } from 'chai';
import { DataFrame, SocketCANMedia } from '../../src';
import { rejection, thrown } from '../support/asserts/thrown';
import { envelopes } from '../support/sockets/media';
import { farDeadline, LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { after, until } from '../support/waiting/until';
import { frameBytes, put as putInto, type World } from './world';
import { useWorld } from './world-sockets';

export function links(world: World): void {
  const open = useWorld(world);
  const put = (canId: number): void => {
    putInto(world, canId);
  };

  it('names the interface in the error when it does not exist', () => {
    const error = thrown(() => new SocketCANMedia(world.absentName, 64, { poller: world.poller }));
    expect(error).to.include({ code: 'ENODEV', errno: -19, interface: world.absentName });
    expect(error.message).to.include(`'${world.absentName}'`);
    expect(error['hint']).to.be.a('string');
  });

  it('sends and receives classic frames on an interface with MTU 16', async () => {
    world.setMTU(16);
    const a = open.listeningMedia({}, 8);
    const b = open.listeningMedia({}, 8);
    expect(await a.media.send(envelopes(true, '123#0102'), farDeadline())).to.equal(1);
    await a.until(1);
    await b.until(1);
    expect([a.texts, b.texts]).to.deep.equal([['123#0102'], ['123#0102']]);
  });

  it('rejects a CAN FD frame on an interface without CAN FD, with the MTU and the remedy in the message', async () => {
    world.setMTU(16);
    const media = open.media();
    const error = await rejection(media.send(envelopes(false, '123#01'), farDeadline()));
    expect(error).to.include({
      code: 'ERR_SOCKETCAN_CONFIGURATION',
      interface: world.interfaceName,
      sent: 0,
    });
    expect(error.message).to.match(/MTU is 16.*MTU 8/);
    expect(error.cause).to.include({ code: 'EINVAL', errno: -22, syscall: 'send' });
    expect(media.state).to.equal('up');
  });

  it('rejects at a frame the interface refuses, with the number of frames sent before it', async () => {
    world.setMTU(16);
    const socket = open.socket();
    const listener = open.listeningMedia({}, 8);
    const frames = [1, 2, 3].map((id) => new DataFrame(11, id, Uint8Array.of(id)));
    const fd = new DataFrame(11, 4, new Uint8Array(12));
    const error = await rejection(socket.send([...frames, fd, ...frames], LONG_TIMEOUT));
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', sent: 3 });
    expect(error.cause).to.include({ syscall: 'sendmmsg' });
    await listener.until(3);
    expect(listener.texts).to.deep.equal(['001#01', '002#02', '003#03']);
    expect(socket.statistics).to.include({ sent: 3, refused: 4 });
  });

  it('opens an interface that is down, and sends and receives as soon as it is up', async () => {
    world.down();
    const listener = open.listeningMedia();
    expect(listener.media.state).to.equal('down');
    expect(await listener.media.send(envelopes(false, '123#01'), after(5))).to.equal(0);
    const changes: string[] = [];
    listener.media.on('up', () => changes.push('up'));
    world.up();
    put(0x123);
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['123#']);
    await until(() => changes.length > 0, "the media emits 'up'");
    expect(changes).to.deep.equal(['up']);
    expect(await listener.media.send(envelopes(false, '123#03'), farDeadline())).to.equal(1);
  });

  it('pauses while the link is down, continues when it is up, and loses no queued frame', async () => {
    const listener = open.listeningMedia();
    const changes: string[] = [];
    listener.media.on('down', () => changes.push('down')).on('up', () => changes.push('up'));
    put(0x101);
    await listener.until(1);
    put(0x102);
    world.down();
    await until(() => changes.includes('down'), "the event 'down'");
    expect(listener.media.state).to.equal('down');
    world.up();
    put(0x103);
    await listener.until(3);
    expect(listener.texts).to.deep.equal(['101#', '102#', '103#']);
    await until(() => changes.includes('up'), "the media emits 'up'");
    expect(changes).to.deep.equal(['down', 'up']);
    expect(await listener.media.send(envelopes(false, '123#04'), farDeadline())).to.equal(1);
  });

  it('receives after the link went down and up ten times without a frame in between', async () => {
    const listener = open.listeningMedia();
    put(0x100);
    await listener.until(1);
    const stateIs = async (state: string, flap: number): Promise<void> => {
      // The media notices every second flap before the next change.
      if (flap % 2 === 1) await until(() => listener.media.state === state, `${state} ${flap}`);
    };
    for (let flap = 0; flap < 10; flap++) {
      world.down();
      await stateIs('down', flap);
      world.up();
      await stateIs('up', flap);
    }
    put(0x101);
    await listener.until(2);
    expect(listener.texts).to.deep.equal(['100#', '101#']);
    await until(() => listener.media.state === 'up', "the media emits 'up'");
  });

  for (const [event, code] of [
    ['down', undefined],
    ['gone', 'ENODEV'],
  ] as const) {
    it(`delivers 6000 frames queued before the link was ${event}, then emits '${event}'`, async () => {
      // More than the ring holds, while this thread only writes.
      const receiveBufferSize = 16 * 1024 * 1024;
      const socket = open.socket({ receiveBufferSize, reopen: false });
      const log: string[] = [];
      socket.on('error', (error) => log.push((error as NodeJS.ErrnoException).code ?? ''));
      socket.on('down', () => log.push('down')).on('up', () => log.push('up'));
      socket.on('gone', () => log.push('gone'));
      socket.on('frames', (frames) => log.push(...frames.map(({ frame }) => String(frame))));
      put(0x100);
      await until(() => log.length === 1, 'the first frame');
      const neighbour = world.neighbour();
      for (let i = 0; i < 6000; i++) neighbour.write(frameBytes(0x80000000 + i, 0));
      neighbour.close();
      if (event === 'down') world.down();
      else world.remove();
      await until(() => log.includes(event), event);
      if (code !== undefined) await until(() => log.includes(code), code);
      const expected = Array.from({ length: 6000 }, (_, i) => `${i.toString(16).padStart(8, '0')}#`);
      expect(log.slice(1, 6001).map((text) => text.toLowerCase())).to.deep.equal(expected);
      // The kernel may report that the link is down before it reports the removal.
      const events = log.slice(6001).filter((each) => event === 'down' || each !== 'down');
      expect(events).to.deep.equal(code === undefined ? [event] : [event, code]);
      expect(socket.statistics).to.include({ received: 6001, dropped: 0 });
    });
  }

  it('sends at the first attempt after the link went down and up unnoticed', async () => {
    const socket = open.socket();
    world.down();
    world.up();
    const frame = new DataFrame(11, 0x123, new Uint8Array());
    expect(await socket.send(frame, LONG_TIMEOUT)).to.include({ sent: 1, expired: 0 });
    expect(socket.statistics.retries).to.equal(0);
  });

  it('completes a waiting send when the link comes up before its deadline', async () => {
    const listener = open.listeningMedia();
    const media = open.media();
    world.down();
    const sending = media.send(envelopes(false, '123#01', '123#02'), farDeadline());
    await until(() => media.state === 'down', "the media's state is down");
    world.up();
    expect(await sending).to.equal(2);
    await listener.until(2);
    expect(listener.texts).to.deep.equal(['123##101', '123##102']);
  });

  it('closes without reopen when the interface is removed, and gives the cause in every later error', async () => {
    const listener = open.listeningMedia({ reopen: false });
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
    const reason = await rejection(media.send(envelopes(false, '123#02'), farDeadline()));
    expect(reason).to.include({ code: 'ERR_SOCKETCAN_CLOSED' });
    expect(reason.cause).to.include({ code: 'ENODEV' });
    const later = thrown(() => {
      media.configureAcceptanceFilters([]);
    });
    expect(later['code']).to.equal('ERR_SOCKETCAN_CLOSED');
    expect(later.cause).to.include({ code: 'ENODEV' });
    world.add();
    const fresh = open.listeningMedia();
    put(0x124);
    await fresh.until(1);
  });

  it('notices each of eight removals, each with two errors in a row', async () => {
    const keeper = open.listeningMedia();
    put(0x100);
    await keeper.until(1);
    for (let round = 0; round < 8; round++) {
      const media = open.media({ reopen: false });
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
  });

  it('rejects a send without reopen when the interface was removed, and closes', async () => {
    const media = open.media({ reopen: false });
    const failures: unknown[] = [];
    media.on('error', (error) => failures.push((error as NodeJS.ErrnoException).code));
    world.remove();
    const error = await rejection(media.send(envelopes(false, '123#01'), farDeadline()));
    expect(error).to.include({ code: 'ENXIO', syscall: 'send', sent: 0 });
    await until(() => media.state === 'closed', 'the media is closed');
    expect(failures).to.deep.equal(['ENXIO']);
  });
}
