import { expect } from 'chai';
import { CANSocket, DataFrame, parseFrame, type SendResult, type VirtualBus } from '../../src';
import { runFixture } from '../support/processes/ending';
import { until } from '../support/waiting/until';
import { rejection } from '../support/asserts/thrown';
import { keepThread, newBus } from './probe';

const patient = { confirm: true, timeoutMs: 60_000 };

const frames = (count: number, first = 0): DataFrame[] =>
  Array.from({ length: count }, (_, i) => new DataFrame(11, first + i, new Uint8Array(0)));

/** Which frames have come back, as a text: `1` or `-` each. */
const pattern = ({ confirmations = [] }: SendResult): string =>
  confirmations.map((time) => (time === undefined ? '-' : '1')).join('');

/** Lets so many frames pass, one after another. */
function pass(bus: VirtualBus, count: number): void {
  const goal = bus.recorded.length + count;
  while (bus.recorded.length < goal) bus.advance(1000n);
}

describe('Confirmations on a virtual bus with bit timing', () => {
  keepThread();
  let bus: VirtualBus;
  let socket: CANSocket;

  beforeEach(() => {
    bus = newBus({ bitrate: 125_000, virtualTime: true, txQueueLength: 100 });
    bus.startRecording();
    socket = new CANSocket(bus.interfaceName);
  });
  afterEach(() => socket.close());

  /** Waits for so many confirmations. */
  const confirmed = (count: number): Promise<void> =>
    until(() => socket.statistics.confirmed === count, `${count} confirmations`);

  it('come when a frame has passed, and the last of them ends the call', async () => {
    let ended = false;
    const sending = socket.send(frames(5), patient).finally(() => (ended = true));
    expect(socket.confirmation).to.equal('bus');
    pass(bus, 4);
    await confirmed(4);
    expect(ended).to.equal(false);
    pass(bus, 1);
    expect(pattern(await sending)).to.equal('11111');
  });

  it('end at the deadline where the link went down with frames on their way', async () => {
    const sending = socket.send(frames(5), { confirm: true, timeoutMs: 300 });
    pass(bus, 2);
    await confirmed(2);
    bus.down();
    bus.up();
    const result = await sending;
    expect(pattern(result)).to.equal('11---');
    expect(result).to.include({ sent: 5, expired: 0, confirmed: 2 });
    const second = socket.send(frames(3), patient);
    pass(bus, 3);
    expect(pattern(await second)).to.equal('111');
  });

  it('are undefined for frames that were lost, and end the call when a later one has come', async () => {
    const sending = socket.send(frames(4), patient);
    pass(bus, 1);
    bus.configure({ faults: { drop: 1 } });
    pass(bus, 2);
    bus.configure({ faults: {} });
    pass(bus, 1);
    const result = await sending;
    expect(pattern(result)).to.equal('1--1');
    expect(result).to.include({ sent: 4, confirmed: 2 });
  });

  it('of a later call end one whose last frames were lost', async () => {
    const first = socket.send(frames(2), patient);
    bus.configure({ faults: { drop: 1 } });
    pass(bus, 2);
    bus.configure({ faults: {} });
    const second = socket.send(frames(1, 0x100), patient);
    pass(bus, 1);
    expect([pattern(await first), pattern(await second)]).to.deep.equal(['--', '1']);
  });

  it('end early, with what has come, when the interface is removed', async () => {
    const sending = socket.send(frames(5), patient);
    pass(bus, 3);
    bus.remove();
    const result = await sending;
    expect(pattern(result)).to.equal('111--');
    expect(result).to.include({ sent: 5, confirmed: 3 });
  });

  it('end by an AbortSignal, with what has come', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const sending = rejection(socket.send(frames(3), { ...patient, signal }));
    pass(bus, 1);
    await confirmed(1);
    controller.abort();
    const error = await sending;
    expect(error).to.include({ code: 'ABORT_ERR', sent: 3 });
    expect(pattern(error['result'] as SendResult)).to.equal('1--');
    pass(bus, 2);
    await confirmed(3);
    expect(socket.statistics).to.include({ sent: 3, aborted: 0, unrequested: 0 });
  });

  it('are waited for after purge(), of what was sent', async () => {
    bus.configure({ txQueueLength: 3 });
    const sending = socket.send(frames(10), patient);
    expect(socket.purge()).to.equal(7);
    pass(bus, 3);
    const result = await sending;
    expect(pattern(result)).to.equal('111');
    expect(result).to.include({ sent: 3, purged: 7, confirmed: 3, expired: 0 });
    expect(bus.recorded).to.have.lengthOf(3);
  });

  it('of a closed socket are not waited for: its calls are rejected with what has come', async () => {
    const sending = rejection(socket.send(frames(2), patient));
    pass(bus, 1);
    await confirmed(1);
    await socket.close();
    const error = await sending;
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CLOSED', sent: 2 });
    expect(pattern(error['result'] as SendResult)).to.equal('1-');
  });
});

describe('Frames that come while a socket receives for confirmations only', () => {
  keepThread();

  it('are kept, 4096 of them, and more are counted as discarded', async () => {
    const bus = newBus();
    await using socket = new CANSocket(bus.interfaceName);
    await socket.send(frames(1), patient);
    for (let i = 0; i < 4196; i++) {
      bus.inject(new DataFrame(29, i, new Uint8Array(0)));
      // Time for the thread: the receive buffer holds fewer.
      if (i % 1000 === 999) await until(() => socket.statistics.received === i + 1, 'received');
    }
    await until(() => socket.statistics.received === 4196, 'all are received');
    expect(socket.statistics).to.include({ discarded: 100, dropped: 0 });
    const ids: number[] = [];
    socket.on('frames', (list) => {
      ids.push(...list.map(({ frame }) => (frame as DataFrame).identifier));
    });
    bus.inject(parseFrame('00FFFFFF#'));
    await until(() => ids.at(-1) === 0xffffff, 'the next frame');
    expect(ids).to.deep.equal([...Array.from({ length: 4096 }, (_, i) => i), 0xffffff]);
  });

  it('are for a for await loop, too', async () => {
    const bus = newBus();
    await using socket = new CANSocket(bus.interfaceName);
    await socket.send(frames(1), patient);
    bus.inject(parseFrame('123#'));
    await until(() => socket.statistics.received === 1, 'it is received');
    for await (const { frame } of socket) {
      expect(String(frame)).to.equal('123#');
      break;
    }
  });
});

describe('A process that waits for a confirmation', () => {
  it('that never comes lives until the deadline, and no longer', async () => {
    const { code, signal, stdout } = await runFixture(
      'confirming',
      'virtual:bus',
      'thread',
      'lost',
    );
    expect({ code, signal }).to.deep.equal({ code: 0, signal: null });
    expect(stdout).to.equal('sent 1, confirmed 0, bus\nending\n');
  }).timeout(90_000);
});
