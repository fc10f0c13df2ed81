import { expect } from 'chai';
import { CANSocket, SocketCANMedia, VirtualBus } from '../../src';
import { ENETDOWN, ENODEV, ENXIO } from '../../src/libc/errno';
import { sleep } from '../support/processes/process';
import { thrown, wrong } from '../support/asserts/thrown';
import { closeProbes, newBus, Probe } from './probe';

describe('VirtualBus', () => {
  closeProbes();

  it('returns the same object for the same name', () => {
    const bus = VirtualBus.get('one name');
    expect(VirtualBus.get('one name')).to.equal(bus);
    expect(VirtualBus.get('another name')).to.not.equal(bus);
    expect(bus).to.include({ name: 'one name', interfaceName: 'virtual:one name' });
  });

  it('is up, with MTU 72 and without sockets, on first use', () => {
    expect(newBus()).to.include({ state: 'up', mtu: 72, nodes: 0 });
  });

  it('rejects a name that is empty or not a string', () => {
    const code = 'ERR_SOCKETCAN_INVALID_NAME';
    expect(thrown(() => VirtualBus.get(''))).to.include({ code, name: 'RangeError' });
    for (const bad of [undefined, null, 7, {}]) {
      expect(thrown(() => VirtualBus.get(wrong(bad)))).to.include({ code, name: 'TypeError' });
    }
    expect(thrown(() => new CANSocket('virtual:'))).to.include({ code, name: 'RangeError' });
    expect(VirtualBus.get('a:b').interfaceName).to.equal('virtual:a:b');
  });

  it('delivers frames to all other sockets on it, and to no other bus', () => {
    const bus = newBus();
    const [a, b, c, stranger] = [new Probe(bus), new Probe(bus), new Probe(bus), new Probe(newBus())];
    expect(bus.nodes).to.equal(3);
    expect(a.send('123#01', '1BADC0FE##302', '7FF#R3')).to.equal(3);
    expect([a.texts, stranger.texts]).to.deep.equal([[], []]);
    expect(b.texts).to.deep.equal(['123#01', '1BADC0FE##302', '7FF#R3']);
    expect(c.texts).to.deep.equal(['123#01', '1BADC0FE##302', '7FF#R3']);
    b.close();
    expect(bus.nodes).to.equal(2);
  });

  it('refuses frames while it is down, and reports that once to each socket', () => {
    const bus = newBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    a.send('123#01');
    bus.down();
    bus.down();
    expect(bus.state).to.equal('down');
    expect(a.send('123#02')).to.equal(-ENETDOWN);
    // One batch has the frame and the fault. After it comes the error, and nothing else.
    expect(b.receive()).to.equal(2);
    expect(b.receive()).to.equal(-ENETDOWN);
    expect(b.receive()).to.be.below(0).and.not.equal(-ENETDOWN);
    bus.up();
    expect(bus.state).to.equal('up');
    expect(a.send('123#03')).to.equal(1);
    expect(b.texts).to.deep.equal(['123#01', '123#03']);
  });

  it('opens sockets while it is down, but not after it was removed', async () => {
    const bus = newBus();
    bus.down();
    const socket = new CANSocket(bus.interfaceName);
    expect(socket.state).to.equal('down');
    await socket.close();
    bus.remove();
    expect(bus.state).to.equal('gone');
    for (const open of [() => new CANSocket(bus.interfaceName), () => new SocketCANMedia(bus.interfaceName, 8)]) {
      const error = thrown(open);
      expect(error).to.include({ code: 'ENODEV', syscall: 'bind', interface: bus.interfaceName });
      expect(error['hint']).to.include(`VirtualBus.get('${bus.name}').add()`);
    }
  });

  it('carries frames of new sockets after add(), and none of the old ones', () => {
    const bus = newBus();
    const [old, mute] = [new Probe(bus), new Probe(bus)];
    bus.remove();
    expect(bus.nodes).to.equal(0);
    expect(old.send('123#')).to.equal(-ENXIO);
    expect([old.receive(), old.receive()]).to.deep.equal([1, -ENODEV]);
    expect(
      thrown(() => {
        bus.up();
      }),
    ).to.include({ code: 'ENODEV', interface: bus.interfaceName });
    bus.add();
    expect(bus.state).to.equal('up');
    const fresh = new Probe(bus);
    expect(old.send('123#')).to.equal(-ENXIO);
    expect(fresh.send('124#')).to.equal(1);
    bus.down();
    expect(old.send('123#')).to.equal(-ENXIO);
    bus.up();
    bus.inject(new Uint8Array(16));
    expect(fresh.texts).to.deep.equal(['000#']);
    expect([old.texts, mute.texts]).to.deep.equal([[], []]);
  });

  it('stays down on add(), and stays gone on a second remove()', () => {
    const bus = newBus();
    bus.down();
    bus.add();
    expect(bus.state).to.equal('down');
    bus.remove();
    bus.remove();
    bus.down();
    expect(bus.state).to.equal('gone');
  });

  it('changes its MTU at any time, and refuses CAN FD frames at 16', () => {
    const bus = newBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    bus.configure({ mtu: 16 });
    expect([bus.mtu, a.endpoint.mtu()]).to.deep.equal([16, 16]);
    expect(a.send('123#01', '123##001')).to.equal(1);
    expect(a.send('123##001')).to.equal(-22);
    bus.configure({ mtu: 72 });
    expect(a.send('123##002')).to.equal(1);
    expect(b.texts).to.deep.equal(['123#01', '123##002']);
  });

  it('checks the form of a frame before the state of the link', () => {
    const bus = newBus({ mtu: 16 });
    const probe = new Probe(bus);
    bus.down();
    expect(probe.send('123##001')).to.equal(-22);
    expect(probe.send('123#01')).to.equal(-ENETDOWN);
  });

  it('has default settings after reset(), and keeps its sockets', () => {
    const bus = newBus({
      mtu: 16,
      bitrate: 125_000,
      virtualTime: true,
      faults: { drop: 1 },
      seed: 9,
    });
    const [a, b] = [new Probe(bus), new Probe(bus)];
    bus.startRecording();
    a.send('123#01');
    bus.down();
    bus.reset();
    expect(bus).to.include({ state: 'up', mtu: 72, nodes: 2 });
    expect(bus.recorded).to.deep.equal([]);
    expect(
      thrown(() => {
        bus.advance(1n);
      }),
    ).to.have.property('name', 'TypeError');
    expect(a.send('123##002')).to.equal(1);
    expect(b.texts).to.deep.equal(['123##002']);
    expect(bus.recorded).to.deep.equal([]);
    bus.remove();
    expect(bus.reset().state).to.equal('up');
  });

  it('drops delayed frames on reset()', async () => {
    const bus = newBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    for (const faults of [{ delay: 1 }, { reorder: 1 }]) {
      bus.configure({ faults });
      a.send('123#01');
      bus.reset();
      await sleep(2); // A timer for the frame, of 1 ms at most, would run first.
      a.send('123#02');
      expect(b.texts).to.deep.equal(['123#02']);
    }
  });
});
