import { expect } from 'chai';
import { DataFrame, ErrorFrame, parseFrame, RemoteFrame } from '../../src';
import { thrown, wrong } from '../support/asserts/thrown';
import { frameBytes } from '../contract/world';
import { closeProbes, newBus, Probe } from './probe';

describe('Frames injected into a virtual bus', () => {
  closeProbes();

  it('reach all sockets, and are neither own nor local', () => {
    const bus = newBus();
    const options = { receiveOwn: true, errorMask: 0x1fffffff };
    const [a, b] = [new Probe(bus, options), new Probe(bus, options)];
    bus.inject(new DataFrame(11, 0x123, Uint8Array.of(1, 2)));
    bus.inject(new DataFrame(29, 0x1badc0fe, new Uint8Array(12), { fd: true, brs: true }));
    bus.inject(new RemoteFrame(29, 5, 3));
    bus.inject(new ErrorFrame(0x40, new Uint8Array(8)));
    const expected = ['123#0102', `1BADC0FE##1${'00'.repeat(12)}`, '00000005#R3', 'error: bus-off'];
    for (const probe of [a, b]) {
      expect(probe.take()).to.deep.equal(expected.map((text) => ({ text, own: false, local: false, drops: 0 })));
    }
  });

  it('may be any 16 or 72 bytes', () => {
    const bus = newBus();
    const probe = new Probe(bus);
    bus.inject(frameBytes(0x800, 255));
    bus.inject(frameBytes(0x123, 63, true));
    bus.inject(frameBytes(0x123, 2));
    const unaligned = Buffer.alloc(73).subarray(1);
    unaligned.set(frameBytes(0x124, 64, true));
    bus.inject(unaligned);
    expect(probe.texts).to.deep.equal(['malformed', 'malformed', '123#5A5A', `124##0${'5A'.repeat(64)}`]);
  });

  it('are rejected unless they are frames, or 16 or 72 bytes', () => {
    const bus = newBus();
    const code = 'ERR_SOCKETCAN_INVALID_FRAME';
    for (const size of [0, 8, 15, 17, 71, 73, 80]) {
      const error = thrown(() => {
        bus.inject(new Uint8Array(size));
      });
      expect(error).to.include({ code, name: 'RangeError' });
      expect(error.message).to.match(new RegExp(`^The length of .* must be 16 or 72 bytes; found ${size}\\b`));
    }
    for (const bad of ['123#01', undefined, null, {}, new ArrayBuffer(16), [parseFrame('123#01')]]) {
      const error = thrown(() => {
        bus.inject(wrong(bad));
      });
      expect(error).to.include({ code, name: 'TypeError' });
      expect(error.message).to.match(/^An injected frame must be .*; found /);
    }
  });

  it('are rejected while the link is down or gone, with a hint', () => {
    const bus = newBus();
    bus.down();
    const down = thrown(() => {
      bus.inject(parseFrame('123#'));
    });
    expect(down).to.include({ code: 'ENETDOWN', interface: bus.interfaceName });
    expect(down['hint']).to.include('.up()');
    bus.remove();
    const gone = thrown(() => {
      bus.inject(parseFrame('123#'));
    });
    expect(gone).to.include({ code: 'ENODEV', interface: bus.interfaceName });
    expect(gone['hint']).to.include('.add()');
  });

  it('reach CAN FD sockets as CAN FD at any MTU', () => {
    const bus = newBus({ mtu: 16 });
    const [fd, classic] = [new Probe(bus), new Probe(bus, { canFD: false })];
    bus.inject(parseFrame('123##001'));
    expect([fd.texts, classic.texts]).to.deep.equal([['123##001'], []]);
  });
});
