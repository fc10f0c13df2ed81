import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataFrame, type SendResult } from '../../../src';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { until } from '../../support/waiting/until';
import { OpenSockets } from '../../support/sockets/open-sockets';
import { held, ms } from '../../support/asserts/loop-delay';
import { row } from '../../support/rows/row';
import { SlcanAdapter } from '../../support/kernel/slcan';
import { addPair, carried, NEAR, removePair } from '../../support/kernel/vxcan';

function numbered(count: number, first = 0): DataFrame[] {
  return Array.from({ length: count }, (_, i) => new DataFrame(29, first + i, new Uint8Array(8)));
}

/** What each row says at its end. */
function told({ sent, expired }: SendResult, retries: number, loop: string): string {
  return `${sent} sent, ${expired} expired, ${retries} retries; ${loop}`;
}

describe('sending: queues that are full', () => {
  const sockets = new OpenSockets();
  afterEach(async () => {
    await sockets.close();
    removePair();
    removeLink('vcan7');
  });

  row('T1', '2000 frames over a vcan with a txqueuelen of 1', async (seen) => {
    addVcan('vcan7');
    const socket = sockets.on('vcan7');
    const frames = numbered(2000);
    const { value, loop } = await held(() => socket.send(frames));
    expect(value).to.include({ sent: 2000, expired: 0 });
    expect(carried('vcan7')).to.equal(2000);
    seen(told(value, socket.statistics.retries, loop));
  });

  row('T2', 'ENOBUFS: a queue of 10 frames that takes 20 ms for them, 300 ms', async (seen) => {
    addPair('netem', 'delay', '20ms', 'limit', '10');
    const socket = sockets.on(NEAR);
    const frames = numbered(10_000);
    const { value, loop, tookMs } = await held(() => socket.send(frames, { timeoutMs: 300 }));
    const { retries } = socket.statistics;
    expect(value.sent).to.be.within(20, 5000);
    expect(value.expired).to.equal(10_000 - value.sent);
    // Tried again by a timer, and not as often as the processor can.
    expect(retries).to.be.within(10, 400);
    await until(() => carried() === value.sent, 'all that was sent comes out');
    seen(told(value, retries, loop), `ended after ${ms(tookMs)}`);
  });

  row('T3', 'a queue of 10 kbit/s and 32,000 bytes, 10,000 frames, 200 ms', async (seen) => {
    addPair('tbf', 'rate', '10kbit', 'burst', '64', 'limit', '32000');
    const socket = sockets.on(NEAR, { fd: false });
    const frames = numbered(10_000);
    const { value, loop, tookMs } = await held(() => socket.send(frames, { timeoutMs: 200 }));
    expect(value.sent).to.be.within(200, 2000);
    expect(value.expired).to.equal(10_000 - value.sent);
    await until(() => carried() === value.sent, 'exactly what was sent comes out', 30_000);
    await sleep(100);
    expect(carried()).to.equal(value.sent);
    seen(told(value, socket.statistics.retries, loop), `ended after ${ms(tookMs)}`);
  });

  row('T3b', 'the same with a queue of 320 bytes: ENOBUFS before EAGAIN', async (seen) => {
    addPair('tbf', 'rate', '10kbit', 'burst', '64', 'limit', '320');
    const socket = sockets.on(NEAR, { fd: false });
    const frames = numbered(1000);
    const { value, loop, tookMs } = await held(() => socket.send(frames, { timeoutMs: 200 }));
    expect(value.sent).to.be.within(5, 200);
    await until(() => carried() === value.sent, 'exactly what was sent comes out');
    seen(told(value, socket.statistics.retries, loop), `ended after ${ms(tookMs)}`);
  });

  row('T4', 'EAGAIN, when poll(2) would say writable 1.8 s late', async (seen) => {
    addPair('tbf', 'rate', '10kbit', 'burst', '64', 'limit', '32000');
    const socket = sockets.on(NEAR, { fd: false });
    await socket.send(numbered(400), { timeoutMs: 50 });
    // The send buffer is full. In a second of 78 frames there is room for most of as many.
    const frames = numbered(400, 1000);
    const { value, loop } = await held(() => socket.send(frames, { timeoutMs: 1000 }));
    expect(value.sent).to.be.within(40, 120);
    seen(told(value, socket.statistics.retries, loop));
  });

  row('T5', 'the event loop while a send waits for 500 ms', async (seen) => {
    addPair('tbf', 'rate', '10kbit', 'burst', '64', 'limit', '320');
    const socket = sockets.on(NEAR, { fd: false });
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 5);
    const frames = numbered(1000);
    const { value, loop } = await held(() => socket.send(frames, { timeoutMs: 500 }));
    clearInterval(ticking);
    expect(ticks).to.be.greaterThan(40);
    seen(told(value, socket.statistics.retries, loop), `${ticks} ticks of 5 ms meanwhile`);
  });

  row('T7', 'an slcan adapter that reads nothing', async (seen) => {
    const adapter = new SlcanAdapter();
    const socket = sockets.on(adapter.interfaceName, { fd: false });
    const frames = numbered(500);
    const { value, loop, tookMs } = await held(() => socket.send(frames, { timeoutMs: 200 }));
    expect(value.sent).to.be.within(1, 499);
    // It reads on: exactly those that were sent come out.
    let lines = 0;
    while (lines < value.sent) lines += (await adapter.lines(1)).length;
    await sleep(50);
    expect(lines).to.equal(value.sent);
    seen(told(value, socket.statistics.retries, loop), `ended after ${ms(tookMs)}`);
    adapter.close();
  });

  row('T15', 'two sockets that share one queue', async (seen) => {
    addPair('netem', 'delay', '5ms', 'limit', '10');
    const [a, b] = [sockets.on(NEAR), sockets.on(NEAR)];
    const { value, loop } = await held(() =>
      Promise.all([
        a.send(numbered(300), { timeoutMs: 20_000 }),
        b.send(numbered(300, 1000), { timeoutMs: 20_000 }),
      ]),
    );
    expect(value.map(({ sent }) => sent)).to.deep.equal([300, 300]);
    await until(() => carried() === 600, 'all come out');
    seen(`300 and 300 sent; ${loop}`);
  });

  row('T19', '10,000 frames in one call, nothing in their way', async (seen) => {
    addPair();
    const socket = sockets.on(NEAR);
    const frames = numbered(10_000);
    const { value, loop, tookMs } = await held(() => socket.send(frames, { timeoutMs: 20_000 }));
    expect(value).to.include({ sent: 10_000, expired: 0 });
    expect(carried()).to.equal(10_000);
    seen(told(value, socket.statistics.retries, loop), `ended after ${ms(tookMs)}`);
  });
});
