import { expect } from 'chai';
import { CANSocket, DataFrame, ErrorFrame, type ReceivedFrame } from '../../src';
import { frameBytes } from '../contract/world';
import { until } from '../support/waiting/until';
import { block } from '../support/processes/process';
import { keepThread, newBus } from './probe';

function frames(count: number, first = 0): DataFrame[] {
  return Array.from({ length: count }, (_, i) => new DataFrame(29, first + i, new Uint8Array(8)));
}

describe('What a socket on a virtual bus counts', () => {
  keepThread();

  it('is received + dropped = sent by others, to the frame, whatever the receive buffer', async () => {
    for (const receiveBufferSize of [1, 4096, 65_536, 2 ** 20]) {
      const bus = newBus();
      const listener = new CANSocket(bus.interfaceName, { receiveBufferSize });
      const senders = [new CANSocket(bus.interfaceName), new CANSocket(bus.interfaceName)];
      let lost = 0;
      const received: ReceivedFrame[] = [];
      listener.on('overflow', (count) => (lost += count));
      listener.on('frames', (list) => received.push(...list));
      for (let burst = 0; burst < 20; burst++) {
        await Promise.all(senders.map((each) => each.send(frames(200, burst * 200))));
        // Neither the thread nor this one is always in time.
        if (burst % 5 === 0) block(5);
      }
      const sent = senders.reduce((sum, { statistics }) => sum + statistics.sent, 0);
      expect(sent).to.equal(8000);
      const { dropped } = listener.statistics;
      await until(() => received.length + dropped >= sent, 'all that was kept');
      expect(received.length + dropped).to.equal(sent);
      expect(listener.statistics).to.include({ received: sent - dropped, dropped });
      if (receiveBufferSize === 1) expect(dropped).to.be.above(0);
      // The kernel tells of the last losses with the next frame.
      bus.inject(new DataFrame(11, 1, new Uint8Array()));
      await until(() => received.length + dropped === sent + 1, 'one frame more');
      expect(lost).to.equal(dropped);
      await Promise.all([listener, ...senders].map((each) => each.close()));
      expect(listener.statistics.dropped).to.equal(dropped);
    }
  });

  it('is nothing of what filters, classes and the missing CAN FD keep away', async () => {
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

  it('is a malformed frame as unsupported, and a frame that comes twice as two', async () => {
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

  it('is its own frames apart, wanted and unwanted, however many are lost', async () => {
    const bus = newBus({ seed: 4, faults: { drop: 0.5 } });
    const socket = new CANSocket(bus.interfaceName);
    const received: ReceivedFrame[] = [];
    socket.on('frames', (list) => received.push(...list));
    bus.startRecording();
    const list = frames(200);
    await socket.send(list, { echo: list.map((_, i) => i % 2 === 0) });
    const passed = bus.recorded.filter(({ fate }) => fate === 'pass').map(({ frame }) => frame);
    const wanted = passed.filter(
      (frame) => frame instanceof DataFrame && frame.identifier % 2 === 0,
    );
    await until(
      () => socket.statistics.receivedOwn + socket.statistics.unrequested === passed.length,
      'all echoes',
    );
    expect(received.map(({ frame }) => String(frame))).to.deep.equal(wanted.map(String));
    expect(received.every(({ own, local }) => own && local)).to.equal(true);
    expect(socket.statistics).to.include({ received: 0, sent: 200 });
    await socket.close();
  });

  it('stamps frames between their injection and their handling, on both clocks', async () => {
    const bus = newBus();
    const listener = new CANSocket(bus.interfaceName);
    const received: ReceivedFrame[] = [];
    listener.on('frames', (list) => received.push(...list));
    const begin = process.hrtime.bigint();
    const beginSystem = BigInt(Date.now()) * 1_000_000n;
    bus.inject(new DataFrame(11, 1, new Uint8Array()));
    const end = process.hrtime.bigint();
    await until(() => received.length === 1, 'the frame');
    const { systemNs, monotonicNs } = received[0]?.timestamp ?? { systemNs: 0n, monotonicNs: 0n };
    expect(monotonicNs).to.satisfy((time: bigint) => time >= begin && time <= end + 1_000_000n);
    expect(systemNs).to.satisfy((time: bigint) => time >= beginSystem);
    await listener.close();
  });
});
