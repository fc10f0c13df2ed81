import { expect } from 'chai';
import { tc } from '../support/kernel/guest';
import type { ListeningSocket } from '../support/sockets/listening-socket';
import { row } from '../support/rows/row';
import { Netdev, numbered, pace, roomy, settled, texts } from './bus';

/** Time on the wire of an extended frame of 8 bytes at 500 kbit/s, and what tbf takes for any: its 16 bytes. */
const FRAME_US = 256;

/** The bucket begins with 4 frames, and the clock has a granularity. */
function leastUs(count: number): number {
  return FRAME_US * (count - 6);
}

/** From the first frame received to the last, in us. */
function duration({ received }: ListeningSocket): number {
  const times = received.map(({ timestamp }) => timestamp.monotonicNs);
  return Number((times.at(-1) ?? 0n) - (times[0] ?? 0n)) / 1e3;
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`;
}

describe('the transmit queue of a controller', () => {
  afterEach(() => {
    // The default, with the 10 frames of txqueuelen.
    tc('qdisc', 'replace', 'dev', 'can0', 'root', 'pfifo_fast');
  });

  row('C7', '5000 frames at once into a queue of 10, with 10 s to do it', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const [out, into] = [new Netdev('can0'), new Netdev('can1')];
    const frames = numbered(5000);
    const result = await a.socket.send(frames, { timeoutMs: 10_000 });
    expect(result).to.include({ sent: 5000, expired: 0 });
    await settled(out, into);
    await b.until(5000);
    expect(b.texts).to.deep.equal(texts(frames));
    expect(a.statistics).to.include({ sent: 5000, expired: 0, refused: 0 });
    expect(b.statistics).to.include({ received: 5000, dropped: 0 });
    expect([out.sent, into.received, into.overruns, into.dropped]).to.deep.equal([
      5000, 5000, 0, 0,
    ]);
    seen(`5000 sent, 5000 received in order; ${a.statistics.retries} waits for room`);
  });

  row('C8', '50000 frames at once, with 200 ms to do it', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const [out, into] = [new Netdev('can0'), new Netdev('can1')];
    const frames = numbered(50_000);
    const { sent, expired } = await a.socket.send(frames, { timeoutMs: 200 });
    expect(sent + expired).to.equal(50_000);
    expect(sent).to.be.greaterThan(10);
    expect(expired).to.be.greaterThan(0);
    await b.until(sent);
    await settled(out, into);
    expect(b.texts).to.deep.equal(texts(frames.slice(0, sent)));
    expect(out.sent).to.equal(sent);
    seen(`${sent} sent, ${expired} expired; the other side has ${b.received.length}, in order`);
  });

  row('C9', '5000 frames at once, the queue of 10 being let out at 500 kbit/s', async (seen) => {
    pace('can0');
    const [a, b] = [roomy('can0'), roomy('can1')];
    const [out, into] = [new Netdev('can0'), new Netdev('can1')];
    const frames = numbered(5000);
    const result = await a.socket.send(frames, { timeoutMs: 60_000 });
    expect(result).to.include({ sent: 5000, expired: 0 });
    await settled(out, into);
    await b.until(5000);
    expect(b.texts).to.deep.equal(texts(frames));
    const { retries } = a.statistics;
    expect(retries).to.be.greaterThan(0);
    const took = duration(b);
    expect(took).to.be.at.least(leastUs(5000));
    seen(`5000 sent, 5000 received in order, in ${(took / 1e6).toFixed(2)} s`);
    seen(
      `the bus was in use for ${percent(leastUs(5000) / took)} of it; ${retries} waits for room`,
    );
  });

  row('C9d', 'the same, 50000 frames with 200 ms to do it', async (seen) => {
    pace('can0');
    const [a, b] = [roomy('can0'), roomy('can1')];
    const [out, into] = [new Netdev('can0'), new Netdev('can1')];
    const frames = numbered(50_000);
    const { sent, expired } = await a.socket.send(frames, { timeoutMs: 200 });
    expect(sent + expired).to.equal(50_000);
    await b.until(sent);
    await settled(out, into);
    expect(b.texts).to.deep.equal(texts(frames.slice(0, sent)));
    expect(duration(b)).to.be.at.least(leastUs(sent));
    seen(`${sent} sent, ${expired} expired; the other side has ${b.received.length}, in order`);
  });

  row('C10', 'two sockets with 1000 frames each, one queue', async (seen) => {
    const [a, c, b] = [roomy('can0'), roomy('can0'), roomy('can1')];
    const [forA, forC] = [numbered(1000), numbered(1000, 0x10000)];
    const options = { timeoutMs: 30_000 };
    const results = await Promise.all([a.socket.send(forA, options), c.socket.send(forC, options)]);
    expect(results.map(({ sent }) => sent)).to.deep.equal([1000, 1000]);
    await b.until(2000);
    const of = (first: number) =>
      b.received
        .map(({ frame }) => frame)
        .filter((frame) => 'identifier' in frame && frame.identifier >= 0x10000 === first > 0);
    expect(texts(of(0))).to.deep.equal(texts(forA));
    expect(texts(of(0x10000))).to.deep.equal(texts(forC));
    seen('1000 of 1000 each, each in its order');
    seen(`${a.statistics.retries} and ${c.statistics.retries} waits for room`);
  });
});
