import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { CANSocket, DataFrame, parseFrame, type SendResult, type VirtualBus } from '../../src';
import { runFixture } from '../support/processes/ending';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { until } from '../support/waiting/until';
import { rejection } from '../support/asserts/thrown';
import { keepThread, newBus } from './probe';

const withConfirm = { ...LONG_TIMEOUT, confirm: true };

const frames = (count: number, first = 0): DataFrame[] =>
  Array.from({ length: count }, (_, i) => new DataFrame(11, first + i, new Uint8Array(0)));

/** Which frames have come back, as text: `1` or `-` for each. */
const pattern = ({ confirmations = [] }: SendResult): string =>
  confirmations.map((time) => (time === undefined ? '-' : '1')).join('');

/**
 * Lets this many frames pass, one after another. A send may need another turn of the event loop to put
 * its frames on the bus.
 */
async function pass(bus: VirtualBus, count: number): Promise<void> {
  const goal = bus.recorded.length + count;
  while (bus.recorded.length < goal) {
    for (let i = 0; i < 1000 && bus.recorded.length < goal; i++) bus.advance(1000n);
    await turn();
  }
}

describe('send() with confirm on a virtual bus with bit timing', () => {
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

  it('confirms each frame after it passes the bus, and ends the call with the last one', async () => {
    let ended = false;
    const sending = socket.send(frames(5), withConfirm).finally(() => (ended = true));
    expect(socket.confirmation).to.equal('bus');
    await pass(bus, 4);
    await confirmed(4);
    expect(ended).to.equal(false);
    await pass(bus, 1);
    expect(pattern(await sending)).to.equal('11111');
  });

  it('reports frames lost with the link as unconfirmed when a later frame comes back', async () => {
    const first = socket.send(frames(5), withConfirm);
    await pass(bus, 2);
    await confirmed(2);
    bus.down();
    bus.up();
    const second = socket.send(frames(3), withConfirm);
    await pass(bus, 3);
    expect(pattern(await second)).to.equal('111');
    const result = await first;
    expect(pattern(result)).to.equal('11---');
    expect(result).to.include({ sent: 5, expired: 0, confirmed: 2 });
  });

  it('ends the call at the deadline when no frame comes back', async () => {
    const { sent, expired, confirmed, ...result } = await socket.send(frames(5), {
      confirm: true,
      timeoutMs: 50,
    });
    // 5 and 0, unless this thread lost its CPU until the deadline.
    expect([sent, expired]).to.deep.be.oneOf([
      [5, 0],
      [0, 5],
    ]);
    expect(confirmed).to.equal(0);
    expect(result.confirmations).to.deep.equal(new Array(sent).fill(undefined));
    await pass(bus, sent);
  });

  it('reports dropped frames as unconfirmed when a later frame comes back', async () => {
    const sending = socket.send(frames(4), withConfirm);
    await pass(bus, 1);
    bus.configure({ faults: { drop: 1 } });
    await pass(bus, 2);
    bus.configure({ faults: {} });
    await pass(bus, 1);
    const result = await sending;
    expect(pattern(result)).to.equal('1--1');
    expect(result).to.include({ sent: 4, confirmed: 2 });
  });

  it('ends a call whose frames were dropped when a frame of a later call comes back', async () => {
    const first = socket.send(frames(2), withConfirm);
    bus.configure({ faults: { drop: 1 } });
    await pass(bus, 2);
    bus.configure({ faults: {} });
    const second = socket.send(frames(1, 0x100), withConfirm);
    await pass(bus, 1);
    expect([pattern(await first), pattern(await second)]).to.deep.equal(['--', '1']);
  });

  it('ends the call with the confirmations so far when the interface is removed', async () => {
    const sending = socket.send(frames(5), withConfirm);
    await pass(bus, 3);
    bus.remove();
    const result = await sending;
    expect(pattern(result)).to.equal('111--');
    expect(result).to.include({ sent: 5, confirmed: 3 });
  });

  it('rejects the call with the confirmations so far on an AbortSignal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const sending = rejection(socket.send(frames(3), { ...withConfirm, signal }));
    await pass(bus, 1);
    await confirmed(1);
    controller.abort();
    const error = await sending;
    expect(error).to.include({ code: 'ABORT_ERR', sent: 3 });
    expect(pattern(error['result'] as SendResult)).to.equal('1--');
    await pass(bus, 2);
    await confirmed(3);
    expect(socket.statistics).to.include({ sent: 3, aborted: 0, unrequested: 0 });
  });

  it('confirms the frames sent before purge()', async () => {
    bus.configure({ txQueueLength: 3 });
    const sending = socket.send(frames(10), withConfirm);
    expect(socket.purge()).to.equal(7);
    await pass(bus, 3);
    const result = await sending;
    expect(pattern(result)).to.equal('111');
    expect(result).to.include({ sent: 3, purged: 7, confirmed: 3, expired: 0 });
    expect(bus.recorded).to.have.lengthOf(3);
  });

  it('rejects the call with the confirmations so far when the socket closes', async () => {
    const sending = rejection(socket.send(frames(2), withConfirm));
    await pass(bus, 1);
    await confirmed(1);
    await socket.close();
    const error = await sending;
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CLOSED', sent: 2 });
    expect(pattern(error['result'] as SendResult)).to.equal('1-');
  });
});

describe('A socket that only waits for confirmations', () => {
  keepThread();

  it('keeps up to 4096 received frames, and discards and counts the others', async () => {
    const bus = newBus();
    await using socket = new CANSocket(bus.interfaceName);
    await socket.send(frames(1), withConfirm);
    for (let i = 0; i < 4196; i++) {
      bus.inject(new DataFrame(29, i, new Uint8Array(0)));
      // The receive buffer holds fewer, so the thread must read in between.
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

  it('delivers received frames to a for await loop', async () => {
    const bus = newBus();
    await using socket = new CANSocket(bus.interfaceName);
    await socket.send(frames(1), withConfirm);
    bus.inject(parseFrame('123#'));
    await until(() => socket.statistics.received === 1, 'the frame is received');
    for await (const { frame } of socket) {
      expect(String(frame)).to.equal('123#');
      break;
    }
  });
});

describe('A process that waits for a confirmation', () => {
  it('lives only until the deadline when the confirmation never comes', async () => {
    const { code, signal, stdout } = await runFixture('confirming', 'virtual:bus', 'thread', 'lost');
    expect({ code, signal }).to.deep.equal({ code: 0, signal: null });
    // Not sent at all if the process lost its CPU until the deadline.
    expect(stdout).to.match(/^sent [01], confirmed 0, bus\nending\n$/);
  });
});
