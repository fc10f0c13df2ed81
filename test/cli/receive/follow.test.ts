import { expect } from 'chai';
import { CANSocket, parseFrame, VirtualBus } from '../../../src';
import { follow } from '../../../src/cli/receive/follow';
import { listen } from '../../../src/cli/receive/listen';
import { CLI } from '../../support/processes/cli';
import { until } from '../../support/waiting/until';

describe('follow', () => {
  it('reports changes of the link, errors after which the socket continues, and the failure of the socket', async () => {
    const bus = VirtualBus.get('follow1');
    bus.down();
    const socket = new CANSocket(bus.interfaceName);
    const told: string[] = [];
    const failures: Error[] = [];
    follow(socket, {
      tell: (text) => told.push(text),
      whileDown: 'frames come when it is up',
      onFailure: (error) => failures.push(error),
    });
    bus.up();
    await until(() => told.length === 2, 'it is up');
    bus.remove();
    await until(() => told.length === 3, 'it is gone');
    bus.add();
    await until(() => told.length >= 4, 'it is back');
    socket.emit('error', new Error('once'));
    await socket.close();
    expect(told.slice(0, 4)).to.deep.equal([
      `${bus.interfaceName} is down; frames come when it is up`,
      `${bus.interfaceName} is up`,
      `${bus.interfaceName} is gone; it is opened again when it is back`,
      `${bus.interfaceName} is back`,
    ]);
    expect(told.at(-1)).to.equal('once');
    expect(failures).to.deep.equal([]);
    socket.emit('error', new Error('for good'));
    expect(failures.map(({ message }) => message)).to.deep.equal(['for good']);
  });
});

describe('listen', () => {
  it('fails with the exception of onFrames, also for the last frames', async () => {
    const buses = ['listen1', 'listen2'].map((name) => VirtualBus.get(name));
    const run = new CLI();
    const listening = listen(buses, run.terminal, {
      name: 'socketcan test',
      onFrames() {
        throw new Error('no room');
      },
    });
    // The last frames of several interfaces are put in order before they are handed over.
    for (const bus of buses) bus.inject(parseFrame('123#'));
    run.terminal.interrupt('SIGINT');
    const failure = await listening.catch((error: unknown) => error);
    expect(failure).to.be.an('error').with.property('message', 'no room');
  });
});
