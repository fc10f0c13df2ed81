import { expect } from 'chai';
import { CANSocket, DataFrame, ErrorFrame, type ReceivedFrame } from '../../src';
import { frameBytes } from '../contract/world';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { until } from '../support/waiting/until';
import { block } from '../support/processes/process';
import { keepThread, newBus } from './probe';

function frames(count: number, first = 0): DataFrame[] {
  return Array.from({ length: count }, (_, i) => new DataFrame(29, first + i, new Uint8Array(8)));
}

describe('The statistics of a socket on a virtual bus', () => {
  keepThread();

  it('count received and dropped frames that add up to the frames sent by others, with any receive buffer', async () => {
    for (const receiveBufferSize of [1, 4096, 65_536, 2 ** 20]) {
      const bus = newBus();
      const listener = new CANSocket(bus.interfaceName, { receiveBufferSize });
      const senders = [new CANSocket(bus.interfaceName), new CANSocket(bus.interfaceName)];
      let lost = 0;
      const received: ReceivedFrame[] = [];
      listener.on('overflow', (count) => (lost += count));
      listener.on('frames', (list) => received.push(...list));
      for (let burst = 0; burst < 20; burst++) {
        await Promise.all(senders.map((each) => each.send(frames(200, burst * 200), LONG_TIMEOUT)));
        // The main thread is late every fifth time.
        if (burst % 5 === 0) block(5);
      }
      const sent = senders.reduce((sum, { statistics }) => sum + statistics.sent, 0);
      expect(sent).to.equal(8000);
      const { dropped } = listener.statistics;
      await until(() => received.length + dropped >= sent, 'all frames that were not dropped');
      expect(received.length + dropped).to.equal(sent);
      expect(listener.statistics).to.include({ received: sent - dropped, dropped });
      if (receiveBufferSize === 1) expect(dropped).to.be.above(0);
      // The kernel reports the last losses with the next frame.
      bus.inject(new DataFrame(11, 1, new Uint8Array()));
      await until(() => received.length + dropped === sent + 1, 'one frame more');
      expect(lost).to.equal(dropped);
      await Promise.all([listener, ...senders].map((each) => each.close()));
      expect(listener.statistics.dropped).to.equal(dropped);
    }
  });

  it('do not count frames rejected by filters, error mask or missing CAN FD', async () => {
    const bus = newBus();
    const listener = new CANSocket(bus.interfaceName, { fd: false, filters: [] });
    const received: ReceivedFrame[] = [];
    listener.on('frames', (list) => received.push(...list));
    listener.setErrorMask(['bus-off']);
    bus.inject(new DataFrame(11, 1, new Uint8Array()));
    bus.inject(new DataFrame(11, 1, new Uint8Array(), { fd: true }));
    bus.inject(new ErrorFrame(4, new Uint8Array(8)));
    bus.inject(new ErrorFrame(0x40, new Uint8Array(8)));
    await until(() => received.length === 1, 'the error frame');
    expect(String(received[0]?.frame)).to.equal('error: bus-off');
    expect(listener.statistics).to.include({ received: 1, dropped: 0, unsupported: 0 });
    await listener.close();
  });

  it('count malformed frames as unsupported, and a duplicated frame twice', async () => {
    const bus = newBus({ faults: { duplicate: 1 } });
    const listener = new CANSocket(bus.interfaceName);
    const received: ReceivedFrame[] = [];
    listener.on('frames', (list) => received.push(...list));
    bus.inject(frameBytes(0x800, 0));
    bus.inject(frameBytes(0x123, 9, true));
    bus.inject(new DataFrame(11, 1, new Uint8Array()));
    await until(() => received.length === 2, 'the frame, twice');
    expect(listener.statistics).to.include({ received: 2, unsupported: 4 });
    await listener.close();
  });

  it('count own frames apart, requested and unrequested, also when the bus loses some', async () => {
    const bus = newBus({ seed: 4, faults: { drop: 0.5 } });
    const socket = new CANSocket(bus.interfaceName);
    const received: ReceivedFrame[] = [];
    socket.on('frames', (list) => received.push(...list));
    bus.startRecording();
    const list = frames(200);
    await socket.send(list, { ...LONG_TIMEOUT, echo: list.map((_, i) => i % 2 === 0) });
    const passed = bus.recorded.filter(({ fault }) => fault === undefined).map(({ frame }) => frame);
    const wanted = passed.filter((frame) => frame instanceof DataFrame && frame.identifier % 2 === 0);
    await until(() => socket.statistics.receivedOwn + socket.statistics.unrequested === passed.length, 'all echoes');
    expect(received.map(({ frame }) => String(frame))).to.deep.equal(wanted.map(String));
    expect(received.every(({ own, local }) => own && local)).to.equal(true);
    expect(socket.statistics).to.include({ received: 0, sent: 200 });
    await socket.close();
  });

  it('timestamps a frame between its injection and its delivery, on both clocks', async () => {
    const bus = newBus();
    const listener = new CANSocket(bus.interfaceName);
    const received: ReceivedFrame[] = [];
    listener.on('frames', (list) => received.push(...list));
    const begin = process.hrtime.bigint();
    const beginSystem = BigInt(Date.now()) * 1_000_000n;
    bus.inject(new DataFrame(11, 1, new Uint8Array()));
    await until(() => received.length === 1, 'the frame');
    const end = process.hrtime.bigint();
    const { systemNs, monotonicNs } = received[0]?.timestamp ?? { systemNs: 0n, monotonicNs: 0n };
    expect(monotonicNs).to.satisfy((time: bigint) => time >= begin && time <= end);
    expect(systemNs).to.satisfy((time: bigint) => time >= beginSystem);
    await listener.close();
  });
});
