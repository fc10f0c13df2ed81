import { expect } from 'chai';
import * as fc from 'fast-check';
import { CANSocket, DataFrame, type BusFaults, type RecordedFrame } from '../../src';
import { until } from '../support/waiting/until';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { closeProbes, keepThread, newBus, Probe } from './probe';

const MS = 1_000_000n;

function frames(count: number, first = 0): DataFrame[] {
  return Array.from({ length: count }, (_, i) => new DataFrame(29, first + i, new Uint8Array()));
}

function summary(recorded: readonly RecordedFrame[]): string[] {
  return recorded.map(({ timeNs, frame, fault }) => `${String(timeNs)} ${String(frame)} ${String(fault)}`);
}

describe('The faults of a virtual bus', () => {
  closeProbes();
  keepThread();

  it('are off by default: thousands of frames arrive once, in order', () => {
    const bus = newBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    const received: string[] = [];
    bus.startRecording();
    for (let i = 0; i < 5000; i += 50) {
      expect(a.send(...frames(50, i))).to.equal(50);
      received.push(...b.texts);
    }
    expect(received).to.deep.equal(frames(5000).map(String));
    expect(new Set(bus.recorded.map(({ fault }) => fault))).to.deep.equal(new Set([undefined]));
  });

  it('drop a frame for all sockets, and its echo', () => {
    const bus = newBus({ faults: { drop: 1 } });
    const [a, b] = [new Probe(bus, { receiveOwn: true }), new Probe(bus)];
    bus.startRecording();
    expect(a.send('123#01')).to.equal(1);
    expect([a.texts, b.texts]).to.deep.equal([[], []]);
    expect(bus.recorded.map(({ frame, fault }) => [String(frame), fault])).to.deep.equal([['123#01', 'drop']]);
    bus.configure({ faults: {} });
    a.send('123#02');
    expect([a.texts, b.texts]).to.deep.equal([['123#02'], ['123#02']]);
  });

  it('duplicate a frame for all sockets, and record it once', () => {
    const bus = newBus({ faults: { duplicate: 1 } });
    const [a, b] = [new Probe(bus, { receiveOwn: true }), new Probe(bus)];
    bus.startRecording();
    a.send('123#01', '123#02');
    const expected = ['123#01', '123#01', '123#02', '123#02'];
    expect([a.texts, b.texts]).to.deep.equal([expected, expected]);
    expect(bus.recorded.map(({ fault }) => fault)).to.deep.equal(['duplicate', 'duplicate']);
  });

  it('deliver a reordered frame right after the next one', () => {
    const bus = newBus({ virtualTime: true, faults: { reorder: 1 } });
    const [a, b] = [new Probe(bus), new Probe(bus)];
    a.send('001#', '002#', '003#', '004#', '005#');
    expect(b.texts).to.deep.equal(['002#', '001#', '004#', '003#']);
    bus.advance(MS - 1n);
    expect(b.texts).to.deep.equal([]);
    bus.advance(1n);
    expect(b.texts).to.deep.equal(['005#']);
  });

  it('hold each reordered frame for its own millisecond', () => {
    const bus = newBus({ virtualTime: true, faults: { reorder: 1 } });
    const [a, b] = [new Probe(bus), new Probe(bus)];
    a.send('001#', '002#');
    bus.advance(MS / 2n);
    a.send('003#');
    bus.advance(MS - 1n);
    expect(b.texts).to.deep.equal(['002#', '001#']);
    bus.advance(1n);
    expect(b.texts).to.deep.equal(['003#']);
  });

  it('delay a frame by up to delayNs, and let others overtake it', () => {
    const bus = newBus({ virtualTime: true, faults: { delay: 1, delayNs: 1000 } });
    const [a, b] = [new Probe(bus), new Probe(bus)];
    a.send(...frames(60));
    expect(b.texts.length).to.be.below(5);
    bus.advance(500n);
    expect(b.texts.length).to.be.within(10, 50);
    bus.advance(500n);
    b.take();
    a.send(...frames(60));
    bus.advance(1000n);
    const late = b.texts;
    expect([...late].sort()).to.deep.equal(frames(60).map(String));
    expect(late).to.not.deep.equal(frames(60).map(String));
  });

  it('apply to injected frames', () => {
    const bus = newBus({ faults: { drop: 1 } });
    const probe = new Probe(bus);
    bus.inject(new DataFrame(11, 1, new Uint8Array()));
    expect(probe.texts).to.deep.equal([]);
  });

  it('lose delayed frames when the link goes down', () => {
    const bus = newBus({ virtualTime: true, faults: { delay: 0.5, reorder: 0.5 } });
    const [a, b] = [new Probe(bus), new Probe(bus)];
    a.send(...frames(20));
    b.take();
    bus.down();
    bus.up();
    bus.configure({ faults: {} }).advance(10n * MS);
    a.send('123#');
    expect(b.texts).to.deep.equal(['123#']);
  });

  it('lose and repeat exactly the frames that the record says', () => {
    const faults: BusFaults = { drop: 0.2, duplicate: 0.2, reorder: 0.2, delay: 0.2 };
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 1, max: 60 }), (seed, count) => {
        const bus = newBus({ virtualTime: true, seed, faults });
        const [a, b] = [new Probe(bus), new Probe(bus)];
        bus.startRecording();
        a.send(...frames(count));
        bus.advance(2n * MS);
        const copies = { none: 1, drop: 0, duplicate: 2, reorder: 1, delay: 1 };
        const expected = bus.recorded.flatMap(({ frame, fault }) =>
          new Array<string>(copies[fault ?? 'none']).fill(String(frame)),
        );
        expect(b.texts.sort()).to.deep.equal(expected.sort());
        a.close();
        b.close();
      }),
      { numRuns: 50 },
    );
  });

  it('are the same in two runs with the same seed, including times, and differ with another seed', () => {
    const run = (seed: number): string[] => {
      const faults = { drop: 0.1, duplicate: 0.1, reorder: 0.2, delay: 0.3 };
      const bus = newBus({ virtualTime: true, bitrate: 500_000, txQueueLength: 60, seed, faults });
      const [a, b, c] = [new Probe(bus), new Probe(bus), new Probe(bus)];
      bus.startRecording();
      const arrivals: string[] = [];
      for (let round = 0; round < 20; round++) {
        a.send(...frames(20, round * 7));
        b.send(...frames(20, 3));
        bus.advance(MS);
        arrivals.push(...c.texts);
      }
      bus.advance(1000n * MS);
      return [...summary(bus.stopRecording()), ...arrivals, ...c.texts];
    };
    const first = run(11);
    expect(first).to.have.length.above(400);
    expect(run(11)).to.deep.equal(first);
    expect(run(12)).to.not.deep.equal(first);
  });

  it('start again when the seed is set again', () => {
    const bus = newBus({ virtualTime: true, seed: 5, faults: { drop: 0.5 } });
    const probe = new Probe(bus);
    const runFaults = (): string[] => {
      bus.startRecording();
      probe.send(...frames(60));
      return summary(bus.stopRecording());
    };
    const first = runFaults();
    expect(runFaults()).to.not.deep.equal(first);
    bus.configure({ seed: 5 });
    expect(runFaults()).to.deep.equal(first);
  });

  it('deliver a short delay before an earlier long one in real time', async () => {
    const bus = newBus({ faults: { delay: 1, delayNs: 3_600_000_000_000 } });
    const [a, b] = [new CANSocket(bus.interfaceName), new CANSocket(bus.interfaceName)];
    const received: string[] = [];
    b.on('frames', (list) => received.push(...list.map(({ frame }) => String(frame))));
    await a.send(frames(3), LONG_TIMEOUT);
    bus.configure({ faults: { delay: 1, delayNs: 5_000_000 } });
    await a.send(frames(3, 0x100), LONG_TIMEOUT);
    await until(() => received.length >= 3, 'the three frames with a short delay');
    expect(received.sort()).to.deep.equal(frames(3, 0x100).map(String));
    await Promise.all([a.close(), b.close()]);
  });
});
