import { expect } from 'chai';
import { DataFrame, type CANSocket, type SendResult } from '../../../src';
import { addVcan, removeLink, tc } from '../../support/kernel/guest';
import { FULL } from '../../support/processes/nodes';
import { HANG_MS, until } from '../../support/waiting/until';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { OpenSockets } from '../../support/sockets/open-sockets';
import { ms } from '../../support/asserts/loop-delay';
import { measured } from '../../support/rows/measured';
import { row, type Seen } from '../../support/rows/row';
import { SlcanAdapter } from '../../support/kernel/slcan';
import { addPair, carried, NEAR, removePair } from '../../support/kernel/vxcan';

/** More than a queue takes before the deadline. */
const MANY = FULL ? 10_000 : 2000;

function numbered(count: number, first = 0): DataFrame[] {
  return Array.from({ length: count }, (_, i) => new DataFrame(29, first + i, new Uint8Array(8)));
}

/** What each row reports at its end. */
function account({ sent, expired }: SendResult, retries: number, loop: string): string {
  return `${sent} sent, ${expired} expired, ${retries} retries; ${loop}`;
}

/** A token bucket for frames of 16 bytes, and room for so many bytes in front of it. */
const bucket = (rate: string, limit: number): string[] => ['tbf', 'rate', rate, 'burst', '64', 'limit', String(limit)];

/** Makes the queue fast, so that the frames in it come out at once, and sends one more to see its end. */
async function drainQueue(socket: CANSocket, limit: number): Promise<number> {
  tc('qdisc', 'change', 'dev', NEAR, 'root', ...bucket('10mbit', limit));
  const before = socket.statistics.sent;
  await socket.send(numbered(1), { timeoutMs: HANG_MS });
  await until(() => carried() > before, 'the last frame comes out');
  return carried() - 1;
}

/**
 * Sends until there is no room left, and drops the frames that wait. Returns the number of frames sent, at
 * least 1: a busy machine may send none of the next call before its deadline.
 */
async function fill(socket: CANSocket, frames: readonly DataFrame[]): Promise<number> {
  const filling = socket.send(frames, LONG_TIMEOUT);
  await until(() => socket.statistics.retries > 0, 'no room is left');
  expect(socket.purge(), 'frames that wait for room').to.be.greaterThan(0);
  const { sent } = await filling;
  expect(sent).to.be.greaterThan(0);
  return sent;
}

describe('Sending into a full queue', () => {
  const sockets = new OpenSockets();
  afterEach(async () => {
    await sockets.close();
    removePair();
    removeLink('vcan7');
  });

  row('T1', 'sends 2000 frames over a vcan with a txqueuelen of 1', async (seen) => {
    addVcan('vcan7');
    const socket = sockets.on('vcan7');
    const frames = numbered(2000);
    const { value, loop } = await measured(() => socket.send(frames, { timeoutMs: HANG_MS }));
    expect(value).to.include({ sent: 2000, expired: 0 });
    expect(carried('vcan7')).to.equal(2000);
    seen(account(value, socket.statistics.retries, loop));
  });

  row('T2', 'reports exact counts at the deadline on ENOBUFS, a queue of 10 frames every 20 ms', async (seen) => {
    addPair('netem', 'delay', '20ms', 'limit', '10');
    const socket = sockets.on(NEAR);
    const frames = numbered(MANY);
    const before = await fill(socket, frames);
    const { retries: retriesBefore } = socket.statistics;
    const { value, loop, tookMs } = await measured(() => socket.send(frames, { timeoutMs: 300 }));
    const retries = socket.statistics.retries - retriesBefore;
    expect(tookMs).to.be.at.least(299);
    expect(value.sent).to.be.within(0, MANY - 1);
    expect(value.expired).to.equal(MANY - value.sent);
    // A timer of at least 1 ms comes before each retry: it is not a loop.
    expect(retries).to.be.at.most(tookMs);
    await until(() => carried() === before + value.sent, 'all sent frames come out');
    seen(account(value, retries, loop), `ended after ${ms(tookMs)}`);
  });

  /** Sends more than a slow queue of so many bytes takes in 200 ms, and counts the frames that come out. */
  async function overfill(limit: number, seen: Seen): Promise<void> {
    addPair(...bucket('10kbit', limit));
    const socket = sockets.on(NEAR, { fd: false });
    const frames = numbered(MANY);
    const before = await fill(socket, frames);
    const { retries: retriesBefore } = socket.statistics;
    const sending = () => socket.send(frames, { timeoutMs: 200 });
    const { value, loop, tookMs } = await measured(sending);
    const retries = socket.statistics.retries - retriesBefore;
    expect(tookMs).to.be.at.least(199);
    expect(value.sent).to.be.within(0, MANY - 1);
    expect(value.expired).to.equal(MANY - value.sent);
    expect(await drainQueue(socket, limit), 'frames that come out').to.equal(before + value.sent);
    seen(account(value, retries, loop), `ended after ${ms(tookMs)}`);
  }

  row('T3', 'reports exact counts at the deadline on EAGAIN, a queue of 32,000 bytes', (seen) =>
    overfill(32_000, seen),
  );

  row('T3b', 'reports exact counts at the deadline on ENOBUFS, a queue of 320 bytes', (seen) => overfill(320, seen));

  row('T4', 'sends while the send buffer is more than half full (EAGAIN)', async (seen) => {
    // 2 frames a second: half of the send buffer, more than 120 frames, takes longer than HANG_MS.
    addPair(...bucket('256bit', 32_000));
    const socket = sockets.on(NEAR, { fd: false });
    const filled = (await fill(socket, numbered(MANY))) - carried();
    expect(filled).to.be.greaterThan((2 * 2 * HANG_MS) / 1000);
    const before = carried();
    const { value, loop } = await measured(() => socket.send(numbered(3, MANY), LONG_TIMEOUT));
    const out = carried() - before;
    expect(value).to.include({ sent: 3, expired: 0 });
    // poll(2) reports a socket as writable when half of its buffer is free.
    expect(out).to.be.lessThan(filled / 2);
    seen(`3 frames sent when ${out} of ${filled} in the buffer were out; ${loop}`);
  });

  row('T5', 'does not block the event loop while a send waits for room', async (seen) => {
    addPair(...bucket('10kbit', 320));
    const socket = sockets.on(NEAR, { fd: false });
    let ended = false;
    const sending = socket.send(numbered(MANY), { timeoutMs: HANG_MS });
    void sending.finally(() => (ended = true));
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 5);
    const { loop } = await measured(() => until(() => ticks > 40, 'ticks of the event loop'));
    clearInterval(ticking);
    expect(ended, 'the send has ended').to.equal(false);
    const { retries } = socket.statistics;
    expect(retries).to.be.greaterThan(0);
    socket.purge();
    seen(account(await sending, retries, loop), `${ticks} ticks of 5 ms meanwhile`);
  });

  row('T7', 'reports exact counts when an slcan adapter reads nothing', async (seen) => {
    const adapter = new SlcanAdapter();
    const socket = sockets.on(adapter.interfaceName, { fd: false });
    const before = await fill(socket, numbered(500));
    const { retries: retriesBefore } = socket.statistics;
    const frames = numbered(500, 500);
    const { value, loop, tookMs } = await measured(() => socket.send(frames, { timeoutMs: 200 }));
    const retries = socket.statistics.retries - retriesBefore;
    expect(value.sent).to.be.within(0, 499);
    expect(value.expired).to.equal(500 - value.sent);
    // The adapter reads again: exactly the sent frames come out, and then the last one.
    const lines: string[] = [];
    const last = socket.send(numbered(1, 1000), { timeoutMs: HANG_MS });
    const line = (number: number) => `T${number.toString(16).toUpperCase().padStart(8, '0')}8`;
    while (!lines.at(-1)?.startsWith(line(1000))) lines.push(...(await adapter.lines(1)));
    await last;
    const sent = [numbered(before), numbered(value.sent, 500), numbered(1, 1000)].flat();
    expect(lines.map((each) => each.slice(0, 10))).to.deep.equal(sent.map(({ identifier }) => line(identifier)));
    seen(account(value, retries, loop), `ended after ${ms(tookMs)}`);
    adapter.close();
  });

  row('T15', 'sends all frames of two sockets that share one queue', async (seen) => {
    addPair('netem', 'delay', '5ms', 'limit', '10');
    const [a, b] = [sockets.on(NEAR), sockets.on(NEAR)];
    const count = FULL ? 300 : 100;
    const { value, loop } = await measured(() =>
      Promise.all([
        a.send(numbered(count), { timeoutMs: HANG_MS }),
        b.send(numbered(count, 1000), { timeoutMs: HANG_MS }),
      ]),
    );
    expect(value.map(({ sent }) => sent)).to.deep.equal([count, count]);
    await until(() => carried() === 2 * count, 'all come out');
    seen(`${count} and ${count} sent; ${loop}`);
  });

  row('T19', 'sends 10,000 frames in one call', async (seen) => {
    addPair();
    const socket = sockets.on(NEAR);
    const frames = numbered(10_000);
    const sending = () => socket.send(frames, { timeoutMs: HANG_MS });
    const { value, loop, tookMs } = await measured(sending);
    expect(value).to.include({ sent: 10_000, expired: 0 });
    expect(carried()).to.equal(10_000);
    seen(account(value, socket.statistics.retries, loop), `ended after ${ms(tookMs)}`);
  });
});
