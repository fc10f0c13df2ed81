import { expect } from 'chai';
import { DataFrame, ErrorFrame, formatLogLine, parseFrame, RemoteFrame } from '../../src';
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
      expect(error.message).to.include(`16 or 72, not ${size}`);
    }
    for (const bad of ['123#01', undefined, null, {}, new ArrayBuffer(16), [parseFrame('123#01')]]) {
      const error = thrown(() => {
        bus.inject(wrong(bad));
      });
      expect(error).to.include({ code, name: 'TypeError' });
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
    const [fd, classic] = [new Probe(bus), new Probe(bus, { fd: false })];
    bus.inject(parseFrame('123##001'));
    expect([fd.texts, classic.texts]).to.deep.equal([['123##001'], []]);
  });
});

describe('The record of a virtual bus', () => {
  closeProbes();

  it('has all frames since startRecording(), with their times', () => {
    const bus = newBus({ virtualTime: true });
    const probe = new Probe(bus);
    probe.send('100#');
    expect(bus.recorded).to.deep.equal([]);
    bus.startRecording();
    probe.send('101#', '102##122');
    bus.advance(1500n);
    bus.inject(new ErrorFrame(0x40, new Uint8Array(8)));
    expect(
      bus.recorded.map(({ timeNs, frame, bytes, fate }) => [timeNs, String(frame), bytes.byteLength, fate]),
    ).to.deep.equal([
      [0n, '101#', 16, 'pass'],
      [0n, '102##122', 72, 'pass'],
      [1500n, 'error: bus-off', 16, 'pass'],
    ]);
    expect(bus.stopRecording()).to.have.lengthOf(3);
    probe.send('103#');
    expect(bus.recorded).to.deep.equal([]);
    bus.startRecording();
    expect(bus.recorded).to.deep.equal([]);
  });

  it('has frames without receivers, and no refused frames', () => {
    const bus = newBus();
    const mute = new Probe(bus, { loopback: false });
    bus.startRecording();
    expect(mute.send('101#')).to.equal(1);
    bus.configure({ mtu: 16 });
    expect(mute.send('102##0')).to.be.below(0);
    bus.down();
    expect(mute.send('103#')).to.be.below(0);
    expect(bus.recorded.map(({ frame }) => String(frame))).to.deep.equal(['101#']);
  });

  it('has the bytes of malformed frames', () => {
    const bus = newBus();
    const bytes = frameBytes(0x800, 3);
    bus.startRecording();
    bus.inject(bytes);
    expect(bus.recorded[0]).to.include({ frame: undefined, fate: 'pass' });
    const copy = [...bytes];
    bytes.fill(0);
    expect([...(bus.recorded[0]?.bytes ?? [])]).to.deep.equal(copy);
  });

  it('has monotonic times unless time is virtual', () => {
    const bus = newBus();
    bus.startRecording();
    const begin = process.hrtime.bigint();
    bus.inject(parseFrame('123#'));
    const end = process.hrtime.bigint();
    expect(bus.recorded[0]?.timeNs).to.satisfy((time: bigint) => time >= begin && time <= end);
  });

  it('formats as a candump log', () => {
    const bus = newBus({ virtualTime: true });
    bus.startRecording();
    bus.advance(1_500_000_000n);
    bus.inject(parseFrame('123#DEADBEEF'));
    const lines = bus.recorded.map(({ timeNs, frame }) =>
      frame === undefined ? '' : formatLogLine({ systemNs: timeNs, interfaceName: bus.interfaceName, frame }),
    );
    expect(lines).to.deep.equal([`(0000000001.500000) ${bus.interfaceName} 123#DEADBEEF`]);
  });
});
