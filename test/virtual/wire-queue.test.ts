import { expect } from 'chai';
import { CANSocket, DataFrame, type VirtualBus } from '../../src';
import { EAGAIN, ENETDOWN, ENOBUFS } from '../../src/libc/errno';
import { until } from '../support/waiting/until';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { block, sleep } from '../support/processes/process';
import { closeProbes, keepThread, newBus, Probe } from './probe';

const SECOND = 1_000_000_000n;

function frames(count: number, first = 0): DataFrame[] {
  return Array.from({ length: count }, (_, i) => new DataFrame(11, first + i, Uint8Array.of(i)));
}

function timedBus(txQueueLength = 10): VirtualBus {
  return newBus({ bitrate: 125_000, virtualTime: true, txQueueLength });
}

describe('The transmit queue of a socket on a virtual bus', () => {
  closeProbes();
  keepThread();

  it('accepts frames up to its length, then returns ENOBUFS', () => {
    const bus = timedBus(3);
    const [a, b] = [new Probe(bus), new Probe(bus)];
    expect(a.send(...frames(5))).to.equal(3);
    expect(a.send(...frames(1))).to.equal(-ENOBUFS);
    expect(b.send(...frames(5))).to.equal(3);
    bus.advance(SECOND);
    expect(a.send(...frames(5))).to.equal(3);
  });

  it('has room again when the frame on the wire has passed', () => {
    const bus = timedBus(3);
    const probe = new Probe(bus);
    bus.startRecording();
    probe.send(...frames(3));
    while (bus.recorded.length === 0) bus.advance(1000n);
    expect(probe.send(...frames(2))).to.equal(1);
  });

  it('returns EAGAIN when the waiting frames fill a send buffer', () => {
    const bus = timedBus(1000);
    const probe = new Probe(bus);
    let taken = 0;
    let result: number;
    while ((result = probe.send(...frames(60))) > 0) taken += result;
    expect([taken, result]).to.deep.equal([278, -EAGAIN]);
  });

  it('returns EINVAL for a frame the bus does not support, even when it is full', () => {
    const bus = timedBus(1).configure({ mtu: 16 });
    const probe = new Probe(bus);
    probe.send('123#');
    expect(probe.send('123#')).to.equal(-ENOBUFS);
    expect(probe.send('123##0')).to.equal(-22);
  });

  it('does not limit injected frames', () => {
    const bus = timedBus(1);
    const probe = new Probe(bus);
    for (const frame of frames(100)) bus.inject(frame);
    bus.advance(SECOND);
    expect(probe.take()).to.have.lengthOf(100);
  });

  it('makes a send wait until its deadline, and delivers exactly the frames it reports as sent', async () => {
    const bus = timedBus(10);
    await using socket = new CANSocket(bus.interfaceName);
    const listener = new Probe(bus);
    expect(await socket.send(frames(10), LONG_TIMEOUT)).to.include({ sent: 10, expired: 0 });
    const late = await socket.send(frames(15, 0x100), { timeoutMs: 20 });
    expect(late).to.include({ sent: 0, expired: 15 });
    bus.advance(SECOND);
    expect(listener.texts).to.deep.equal(frames(10).map(String));
    const part = await socket.send(frames(25, 0x200), { timeoutMs: 20 });
    // 10, unless this thread lost its CPU until the deadline.
    expect(part.sent).to.be.oneOf([0, 10]);
    expect(part.expired).to.equal(25 - part.sent);
    bus.advance(SECOND);
    expect(listener.texts).to.deep.equal(frames(part.sent, 0x200).map(String));
    expect(socket.statistics).to.include({ sent: 10 + part.sent, expired: 15 + part.expired });
  });

  it('makes a send wait for room, and delivers all of its frames in order', async () => {
    const bus = timedBus(10);
    await using socket = new CANSocket(bus.interfaceName);
    const listener = new Probe(bus);
    let ended = false;
    const sending = socket.send(frames(25), LONG_TIMEOUT).finally(() => (ended = true));
    await until(() => socket.statistics.retries > 0, 'the queue is full');
    expect(socket.statistics.sent).to.equal(10);
    await until(() => {
      bus.advance(1_000_000n);
      return ended;
    }, 'the send ends');
    expect(await sending).to.include({ sent: 25, expired: 0 });
    bus.advance(SECOND);
    expect(listener.texts).to.deep.equal(frames(25).map(String));
  });

  it('loses its frames without an error when the link goes down', () => {
    const bus = timedBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    bus.startRecording();
    expect(a.send(...frames(5))).to.equal(5);
    bus.advance(1n);
    bus.down();
    expect(a.send(...frames(1))).to.equal(-ENETDOWN);
    bus.up();
    bus.advance(SECOND);
    expect([b.texts, bus.recorded]).to.deep.equal([[], []]);
    expect(a.send(...frames(10))).to.equal(10);
    bus.advance(SECOND);
    expect(b.take()).to.have.lengthOf(10);
  });

  it('loses its frames when the bit rate changes or the interface is removed', () => {
    const bus = timedBus();
    const probe = new Probe(bus);
    bus.startRecording();
    probe.send(...frames(3));
    bus.configure({ bitrate: 250_000 }).advance(SECOND);
    expect(bus.recorded).to.deep.equal([]);
    expect(probe.send(...frames(10))).to.equal(10);
    bus.configure({ txQueueLength: 20, mtu: 16, seed: 4 }).advance(SECOND);
    expect(bus.recorded).to.have.lengthOf(10);
    probe.send(...frames(3));
    bus.remove();
    bus.add();
    bus.advance(SECOND);
    expect(bus.recorded).to.have.lengthOf(10);
  });

  it('loses its frames when its socket closes, except the frame on the wire', () => {
    const bus = timedBus();
    const [a, b, c] = [new Probe(bus, { receiveOwn: true }), new Probe(bus), new Probe(bus)];
    a.send(...frames(5, 0x100));
    b.send(...frames(2, 0x200));
    bus.advance(1n);
    a.close();
    b.close();
    bus.advance(SECOND);
    expect(c.texts).to.deep.equal(['100#00']);
    expect(bus.nodes).to.equal(1);
  });

  it('transmits all frames of a burst in order, none before its time on the real clock', async () => {
    const bus = newBus({ bitrate: 125_000 });
    const socket = new CANSocket(bus.interfaceName);
    const listener = new CANSocket(bus.interfaceName);
    const received: string[] = [];
    listener.on('frames', (list) => received.push(...list.map(({ frame }) => String(frame))));
    bus.startRecording();
    const begin = process.hrtime.bigint();
    expect(await socket.send(frames(10), LONG_TIMEOUT)).to.include({ sent: 10, expired: 0 });
    await until(() => received.length === 10, 'the burst');
    expect(received).to.deep.equal(frames(10).map(String));
    // A frame with one byte of data has at least 55 bits of 8 us.
    for (const [i, { timeNs }] of bus.recorded.entries()) {
      expect(Number(timeNs - begin)).to.be.at.least((i + 1) * 55 * 8000);
    }
    await Promise.all([socket.close(), listener.close()]);
  });

  it('transmits as many frames as the elapsed time allows when the thread is late', async () => {
    const bus = newBus({ bitrate: 10_000 });
    const probe = new Probe(bus);
    bus.startRecording();
    probe.send(...frames(10));
    await sleep(2); // The timer that starts the first frame runs first.
    block(100); // Ten frames of 5.5 to 6.5 ms.
    await sleep(1); // The timer of the wire, due before, runs first.
    expect(bus.recorded).to.have.lengthOf(10);
  });

  it('transmits at once after the bit rate was removed', () => {
    const bus = timedBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    bus.configure({ bitrate: 0 });
    expect(a.send(...frames(50))).to.equal(50);
    expect(b.take()).to.have.lengthOf(50);
  });
});
