import { expect } from 'chai';
import { CANSocket, listInterfaces, SocketCANMedia } from '../../src';
import { addVcan, after, canutil, ip, removeLink, until } from '../support/guest';
import { envelopes, ListeningMedia } from '../support/media';

function thrownBy(run: () => unknown): Record<string, unknown> & Error {
  try {
    run();
  } catch (error) {
    return error as Record<string, unknown> & Error;
  }
  throw new Error('Nothing was thrown');
}

describe('SocketCANMedia on interfaces of all kinds', () => {
  const odd = ['CAN_A', 'can-0', 'scan0', 'vcan0.1'];

  afterEach(() => {
    for (const name of [...odd, 'vcan7', 'vcan8', 'eth9']) removeLink(name);
  });

  it('lists every CAN interface whatever its name, those that are up first, and nothing else', () => {
    for (const name of odd) addVcan(name, 72, name !== 'CAN_A');
    const names = SocketCANMedia.listAvailableInterfaceNames();
    expect(names).to.include.members(['vcan0', 'vcan1', ...odd]);
    expect(names).to.not.include('lo');
    expect(names.at(-1)).to.equal('CAN_A');
  });

  it('tells index, state and MTU of an interface', () => {
    addVcan('vcan7', 16, false);
    const found = listInterfaces().find(({ name }) => name === 'vcan7');
    expect(found).to.include({ name: 'vcan7', up: false, mtu: 16, fd: false });
    expect(found?.index).to.be.greaterThan(0);
    expect(listInterfaces().find(({ name }) => name === 'vcan0')).to.include({
      up: true,
      mtu: 72,
      fd: true,
    });
  });

  it('refuses an interface that does not exist, by name', () => {
    const error = thrownBy(() => new SocketCANMedia('vcan99', 64));
    expect(error).to.include({ code: 'ENODEV', errno: -19, interface: 'vcan99' });
    expect(error.message).to.include("'vcan99'");
    expect(error['hint']).to.match(/no interface of that name/);
  });

  it('refuses an interface that is no CAN interface, saying so', () => {
    const error = thrownBy(() => new SocketCANMedia('lo', 64));
    expect(error).to.include({ code: 'ENODEV', syscall: 'bind', interface: 'lo' });
    expect(error['hint']).to.equal('lo is not a CAN interface');
  });

  it('works on an interface of MTU 16 with classic frames', async () => {
    addVcan('vcan7', 16);
    const a = new ListeningMedia('vcan7', 8);
    const b = new ListeningMedia('vcan7', 8);
    expect(await a.media.send(envelopes(true, '123#0102'), after(1000))).to.equal(1);
    await a.until(1);
    await b.until(1);
    expect([a.texts, b.texts]).to.deep.equal([['123#0102'], ['123#0102']]);
    await a.close();
    await b.close();
  });

  it('rejects a CAN FD frame to an interface without CAN FD, naming the MTU and the way out', async () => {
    addVcan('vcan7', 16);
    const media = new SocketCANMedia('vcan7', 64);
    const error = await media.send(envelopes(false, '123#01'), after(1000)).then(
      () => new Error('It was sent'),
      (reason: unknown) => reason as Error,
    );
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', interface: 'vcan7', sent: 0 });
    expect(error.message).to.match(/MTU is 16.*MTU 8/);
    expect(error.cause).to.include({ code: 'EINVAL', errno: -22, syscall: 'sendmmsg' });
    expect(media.state).to.equal('up');
    await media.close();
  });

  it('opens an interface that is down, and works as soon as it is up', async () => {
    addVcan('vcan7', 72, false);
    const listener = new ListeningMedia('vcan7', 64);
    expect(listener.media.state).to.equal('down');
    expect(await listener.media.send(envelopes(false, '123#01'), after(50))).to.equal(0);
    const changes: string[] = [];
    listener.media.on('up', () => changes.push('up'));
    ip('link', 'set', 'vcan7', 'up');
    await canutil('cansend', 'vcan7', '123#02');
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['123#02']);
    expect(changes).to.deep.equal(['up']);
    expect(await listener.media.send(envelopes(false, '123#03'), after(1000))).to.equal(1);
    await listener.close();
  });

  it('pauses while the link is down and goes on when it is up, losing nothing it had queued', async () => {
    addVcan('vcan7');
    const listener = new ListeningMedia('vcan7', 64);
    const changes: string[] = [];
    listener.media.on('down', () => changes.push('down')).on('up', () => changes.push('up'));
    await canutil('cansend', 'vcan7', '123#01');
    await listener.until(1);
    await canutil('cansend', 'vcan7', '123#02');
    ip('link', 'set', 'vcan7', 'down');
    await until(() => changes.includes('down'), 'down is noticed');
    expect(listener.media.state).to.equal('down');
    ip('link', 'set', 'vcan7', 'up');
    await canutil('cansend', 'vcan7', '123#03');
    await listener.until(3);
    expect(listener.texts).to.deep.equal(['123#01', '123#02', '123#03']);
    expect(changes).to.deep.equal(['down', 'up']);
    expect(await listener.media.send(envelopes(false, '123#04'), after(1000))).to.equal(1);
    await listener.close();
  });

  it('sends at the first call after a link that went down and up unseen', async () => {
    addVcan('vcan7');
    const socket = new CANSocket('vcan7');
    ip('link', 'set', 'vcan7', 'down');
    ip('link', 'set', 'vcan7', 'up');
    const [{ frame }] = envelopes(false, '123#01') as [ReturnType<typeof envelopes>[number]];
    expect(await socket.send(frame, { timeoutMs: 1000 })).to.deep.equal({ sent: 1, expired: 0 });
    await socket.close();
  });

  it('closes when the interface is removed, and says why in every later error', async () => {
    addVcan('vcan7');
    const listener = new ListeningMedia('vcan7', 64);
    const { media } = listener;
    const events: string[] = [];
    media.on('gone', () => events.push('gone'));
    media.on('close', () => events.push('close'));
    media.on('error', (error) => events.push((error as NodeJS.ErrnoException).code ?? ''));
    await canutil('cansend', 'vcan7', '123#01');
    await listener.until(1);
    removeLink('vcan7');
    await until(() => events.includes('close'), 'the media is closed');
    expect(events).to.deep.equal(['gone', 'ENODEV', 'close']);
    const reason = await media.send(envelopes(false, '123#02'), after(1000)).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    expect(reason).to.include({ code: 'ERR_SOCKETCAN_CLOSED' });
    expect(reason?.cause).to.include({ code: 'ENODEV' });
    const thrown = thrownBy(() => {
      media.configureAcceptanceFilters([]);
    });
    expect(thrown['code']).to.equal('ERR_SOCKETCAN_CLOSED');
    expect(thrown.cause).to.include({ code: 'ENODEV' });
  });

  it('follows an interface that is renamed', async () => {
    addVcan('vcan7');
    const listener = new ListeningMedia('vcan7', 64);
    ip('link', 'set', 'vcan7', 'down');
    ip('link', 'set', 'vcan7', 'name', 'vcan8');
    ip('link', 'set', 'vcan8', 'up');
    await canutil('cansend', 'vcan8', '123#01');
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['123#01']);
    await listener.close();
  });
});
