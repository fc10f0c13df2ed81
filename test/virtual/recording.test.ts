import { expect } from 'chai';
import { ErrorFrame, formatLogLine, parseFrame } from '../../src';
import { frameBytes } from '../contract/world';
import { closeProbes, newBus, Probe } from './probe';

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
      bus.recorded.map(({ timeNs, frame, bytes, fault }) => [timeNs, String(frame), bytes.byteLength, fault]),
    ).to.deep.equal([
      [0n, '101#', 16, undefined],
      [0n, '102##122', 72, undefined],
      [1500n, 'error: bus-off', 16, undefined],
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
    expect(bus.recorded[0]).to.include({ frame: undefined, fault: undefined });
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
