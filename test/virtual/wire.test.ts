import { expect } from 'chai';
import * as fc from 'fast-check';
import { DataFrame, ErrorFrame, parseFrame, RemoteFrame, type VirtualBus } from '../../src';
import { compareArbitration } from '../../src/frame/timing/arbitration';
import { frameTimeNs } from '../../src/frame/timing/frame-time';
import { frameBytes } from '../contract/world';
import { remoteFrame, dataFrame } from '../frame/support';
import { closeProbes, newBus, Probe } from './probe';

const BITRATE = 125_000;

/** When each frame was transmitted, by its text. */
function passed(bus: VirtualBus): [text: string, timeNs: bigint][] {
  return bus.recorded.map(({ frame, timeNs }) => [String(frame), timeNs]);
}

function timeOf(text: string, bitrate = BITRATE, dataBitrate = bitrate): bigint {
  const frame = parseFrame(text);
  return BigInt(frameTimeNs(frame, bitrate, dataBitrate));
}

function timedBus(): VirtualBus {
  const bus = newBus({ bitrate: BITRATE, virtualTime: true });
  bus.startRecording();
  return bus;
}

describe('A virtual bus with a bit rate', () => {
  closeProbes();

  it('delivers a frame when its last bit was transmitted, not before', () => {
    const bus = timedBus();
    const [a, b] = [new Probe(bus, { receiveOwn: true }), new Probe(bus)];
    expect(a.send('123#0102')).to.equal(1);
    bus.advance(timeOf('123#0102') - 1n);
    expect([a.texts, b.texts]).to.deep.equal([[], []]);
    bus.advance(1n);
    expect([a.texts, b.texts]).to.deep.equal([['123#0102'], ['123#0102']]);
    expect(passed(bus)).to.deep.equal([['123#0102', timeOf('123#0102')]]);
  });

  it('transmits frames back to back, each in its own time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(dataFrame, remoteFrame), { minLength: 1, maxLength: 10 }),
        fc.constantFrom(10_000, 125_000, 500_000, 1_000_000),
        fc.constantFrom(0, 2_000_000, 5_000_000),
        (frames, bitrate, dataBitrate) => {
          const bus = newBus({ bitrate, dataBitrate, virtualTime: true });
          const probe = new Probe(bus);
          bus.startRecording();
          expect(probe.send(...frames)).to.equal(frames.length);
          bus.advance(10_000_000_000n);
          let end = 0n;
          const expected = frames.map((frame) => {
            end += BigInt(frameTimeNs(frame, bitrate, dataBitrate || bitrate));
            return [String(frame), end];
          });
          expect(passed(bus)).to.deep.equal(expected);
          probe.close();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('starts to transmit when the frame is sent', () => {
    const bus = timedBus();
    const probe = new Probe(bus);
    bus.advance(5_000_000n);
    probe.send('123#01');
    bus.advance(10_000_000n);
    expect(passed(bus)).to.deep.equal([['123#01', 5_000_000n + timeOf('123#01')]]);
  });

  it('transmits the lowest identifier at the heads of the queues of all sockets', () => {
    const bus = timedBus();
    const [a, b, c] = [new Probe(bus), new Probe(bus), new Probe(bus)];
    a.send('300#', '001#');
    b.send('200#', '100#', '7FF#');
    c.send('00000200#', '00000000#');
    bus.advance(1_000_000_000n);
    expect(passed(bus).map(([text]) => text)).to.deep.equal([
      '00000200#',
      '00000000#',
      '200#',
      '100#',
      '300#',
      '001#',
      '7FF#',
    ]);
  });

  it('does not interrupt a frame for one with a lower identifier', () => {
    const bus = timedBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    a.send('700#', '701#');
    bus.advance(1n);
    b.send('001#');
    bus.advance(1_000_000_000n);
    expect(passed(bus).map(([text]) => text)).to.deep.equal(['700#', '001#', '701#']);
  });

  it('transmits frames with the same identifier in the order they were sent, by any socket', () => {
    const bus = timedBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    a.send('100#01');
    bus.advance(1n);
    b.send('100#02');
    a.send('100#03');
    b.send('100#04');
    bus.advance(1_000_000_000n);
    expect(passed(bus).map(([text]) => text)).to.deep.equal(['100#01', '100#02', '100#03', '100#04']);
  });

  it('keeps the order of each socket, and always transmits the best head', () => {
    const some = fc.array(
      fc.tuple(fc.nat(2), fc.nat(7)).map(([socket, id]) => ({ socket, id })),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(some, (sends) => {
        const bus = timedBus();
        bus.configure({ txQueueLength: 25 });
        const probes = [new Probe(bus), new Probe(bus), new Probe(bus)];
        const queues: DataFrame[][] = [[], [], []];
        sends.forEach(({ socket, id }, number) => {
          const frame = new DataFrame(11, id, Uint8Array.of(number));
          probes[socket]?.send(frame);
          queues[socket]?.push(frame);
        });
        bus.advance(1_000_000_000n);
        for (const [text] of passed(bus)) {
          const heads = queues.flatMap((queue) => queue.slice(0, 1));
          const best = heads.sort(
            (x, y) => compareArbitration(x, y) || (x.data[0] as number) - (y.data[0] as number),
          )[0];
          expect(text).to.equal(String(best));
          queues.find(([head]) => head === best)?.shift();
        }
        expect(queues.flat()).to.deep.equal([]);
        for (const probe of probes) probe.close();
      }),
      { numRuns: 100 },
    );
  });

  it('passes error frames and malformed frames in no time, right after the frame on the wire', () => {
    const bus = timedBus();
    const probe = new Probe(bus);
    probe.send('000#', '001#');
    bus.advance(1n);
    bus.inject(new ErrorFrame(0x40, new Uint8Array(8)));
    bus.inject(frameBytes(0x800, 0));
    probe.send(new ErrorFrame(0x04, new Uint8Array(8)));
    bus.advance(1_000_000_000n);
    const first = timeOf('000#');
    const second = first + timeOf('001#');
    expect(passed(bus)).to.deep.equal([
      ['000#', first],
      ['error: bus-off', first],
      ['undefined', first],
      ['001#', second],
      ['error: controller', second],
    ]);
  });

  it('transmits the data phase of CAN FD frames with BRS at the data bit rate', () => {
    const bus = newBus({ bitrate: 500_000, dataBitrate: 2_000_000, virtualTime: true });
    const probe = new Probe(bus);
    bus.startRecording();
    const [slow, fast] = [`123##0${'00'.repeat(64)}`, `123##1${'00'.repeat(64)}`];
    probe.send(slow, fast);
    bus.advance(1_000_000_000n);
    expect(passed(bus)).to.deep.equal([
      [slow, timeOf(slow, 500_000)],
      [fast, timeOf(slow, 500_000) + timeOf(fast, 500_000, 2_000_000)],
    ]);
    expect(timeOf(fast, 500_000, 2_000_000) < timeOf(slow, 500_000)).to.equal(true);
  });

  it('transmits remote frames in their own time', () => {
    const bus = timedBus();
    bus.inject(new RemoteFrame(11, 0x123, 8));
    bus.advance(1_000_000_000n);
    expect(passed(bus)).to.deep.equal([['123#R8', timeOf('123#R8')]]);
  });
});
