import { expect } from 'chai';
import { SocketCANMedia } from '../../src';
import { thrown } from '../support/asserts/thrown';
import { addVcan, cansend, removeLink } from '../support/kernel/guest';
import { changeLink } from '../support/kernel/rtnetlink';
import { ListeningMedia } from '../support/sockets/media';

describe('SocketCANMedia on interfaces of all kinds', () => {
  const odd = ['CAN_A', 'can-0', 'scan0', 'vcan0.1'];

  afterEach(() => {
    for (const name of [...odd, 'vcan7', 'vcan8', 'eth9']) removeLink(name);
  });

  it('lists CAN interfaces of any name, those that are up first, and no other interfaces', () => {
    for (const name of odd) addVcan(name, 72, name !== 'CAN_A');
    const names = SocketCANMedia.listAvailableInterfaceNames();
    expect(names).to.include.members(['vcan0', 'vcan1', ...odd]);
    expect(names).to.not.include('lo');
    expect(names.at(-1)).to.equal('CAN_A');
  });

  it('throws ENODEV with the name when the interface does not exist', () => {
    const error = thrown(() => new SocketCANMedia('vcan99', 64));
    expect(error).to.include({ code: 'ENODEV', errno: -19, interface: 'vcan99' });
    expect(error.message).to.include("'vcan99'");
    expect(error['hint']).to.match(/no interface of that name/);
  });

  it('throws ENODEV with a hint when the interface is not a CAN interface', () => {
    const error = thrown(() => new SocketCANMedia('lo', 64));
    expect(error).to.include({ code: 'ENODEV', syscall: 'bind', interface: 'lo' });
    expect(error['hint']).to.equal('lo is not a CAN interface');
  });

  it('keeps receiving after the interface is renamed', async () => {
    addVcan('vcan7');
    const listener = new ListeningMedia('vcan7', 64);
    changeLink('vcan7', { up: false });
    changeLink('vcan7', { name: 'vcan8' });
    changeLink('vcan8', { up: true });
    cansend('vcan8', '123#01');
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['123#01']);
    await listener.close();
  });
});
