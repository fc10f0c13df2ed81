import { expect } from 'chai';
import { SocketCANMedia } from '../../src';
import { addVcan, canutil, ip, removeLink } from '../support/kernel/guest';
import { ListeningMedia } from '../support/sockets/media';

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
