import { expect } from 'chai';
import { CANSocket, VirtualBus } from '../../../src';
import { reportLink } from '../../../src/cli/receive/link-report';
import { until } from '../../support/waiting/until';

describe('reportLink', () => {
  it('reports changes of the link, errors after which the socket continues, and the failure of the socket', async () => {
    const bus = VirtualBus.get('follow1');
    bus.down();
    const socket = new CANSocket(bus.interfaceName);
    const reports: string[] = [];
    const failures: Error[] = [];
    reportLink(socket, {
      report: (text) => reports.push(text),
      whileDown: 'waiting for it to come up',
      onFailure: (error) => failures.push(error),
    });
    bus.up();
    await until(() => reports.length === 2, 'it is up');
    bus.remove();
    await until(() => reports.length === 3, 'it is gone');
    bus.add();
    await until(() => reports.length >= 4, 'it is back');
    socket.emit('error', new Error('once'));
    await socket.close();
    expect(reports.slice(0, 4)).to.deep.equal([
      `${bus.interfaceName} is down; waiting for it to come up`,
      `${bus.interfaceName} is up`,
      `${bus.interfaceName} is gone; it will be reopened when it returns`,
      `${bus.interfaceName} is back`,
    ]);
    expect(reports.at(-1)).to.equal('once');
    expect(failures).to.deep.equal([]);
    socket.emit('error', new Error('for good'));
    expect(failures.map(({ message }) => message)).to.deep.equal(['for good']);
  });
});
