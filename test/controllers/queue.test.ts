import { expect } from 'chai';
import { tc } from '../support/kernel/guest';
import type { ListeningSocket } from '../support/sockets/listening-socket';
import { row } from '../support/rows/row';
import { needControllers, numbered, pace, LONG_TIMEOUT, roomy, texts } from './bus';
import { FrameAudit } from './frame-audit';

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

describe('The transmit queue of a controller', () => {
  needControllers();
  afterEach(() => {
    // The default, with the 10 frames of txqueuelen.
    tc('qdisc', 'replace', 'dev', 'can0', 'root', 'pfifo_fast');
  });

  row('C7', 'sends 5000 frames in one call through a queue of 10', async (seen) => {
    const [a, audit] = [roomy('can0'), new FrameAudit('can0', 'can1')];
    const frames = numbered(5000);
    const result = await a.socket.send(frames, LONG_TIMEOUT);
    expect(result).to.include({ sent: 5000, expired: 0 });
    const lost = await audit.check(frames);
    expect(a.statistics).to.include({ sent: 5000, expired: 0, refused: 0 });
    seen(`5000 sent, ${5000 - lost} received in order; ${a.statistics.retries} waits for room`);
  });

  row('C8', 'reports exact counts at a deadline of 200 ms for 50,000 frames', async (seen) => {
    const [a, audit] = [roomy('can0'), new FrameAudit('can0', 'can1')];
    const frames = numbered(50_000);
    const { sent, expired } = await a.socket.send(frames, { timeoutMs: 200 });
    expect(sent + expired).to.equal(50_000);
    expect(expired).to.be.greaterThan(0);
    const lost = await audit.check(frames.slice(0, sent));
    seen(`${sent} sent, ${expired} expired; the other side has ${sent - lost}, in order`);
  });

  row('C9', 'sends 5000 frames in one call through a queue of 10 at 500 kbit/s', async (seen) => {
    pace('can0');
    const [a, echoes, audit] = [roomy('can0'), roomy('can0'), new FrameAudit('can0', 'can1')];
    const frames = numbered(5000);
    const result = await a.socket.send(frames, LONG_TIMEOUT);
    expect(result).to.include({ sent: 5000, expired: 0 });
    await echoes.until(5000);
    const took = duration(echoes);
    const lost = await audit.check(frames);
    const { retries } = a.statistics;
    expect(retries).to.be.greaterThan(0);
    expect(took).to.be.at.least(leastUs(5000));
    seen(`5000 sent, ${5000 - lost} received in order, in ${(took / 1e6).toFixed(2)} s`);
    seen(`the bus was in use for ${percent(leastUs(5000) / took)} of it; ${retries} waits for room`);
  });

  row('C9d', 'reports exact counts at a deadline of 2 s for 50,000 frames at 500 kbit/s', async (seen) => {
    pace('can0');
    const [a, echoes, audit] = [roomy('can0'), roomy('can0'), new FrameAudit('can0', 'can1')];
    const frames = numbered(50_000);
    // At this pace all of them would take 12.8 s.
    const { sent, expired } = await a.socket.send(frames, { timeoutMs: 2000 });
    expect(sent + expired).to.equal(50_000);
    expect(expired).to.be.greaterThan(0);
    await echoes.until(sent);
    expect(duration(echoes)).to.be.at.least(leastUs(sent));
    const lost = await audit.check(frames.slice(0, sent));
    seen(`${sent} sent, ${expired} expired; the other side has ${sent - lost}, in order`);
  });

  row('C10', 'sends 1000 frames of each of two sockets in order through one queue', async (seen) => {
    const [a, c, echoes] = [roomy('can0'), roomy('can0'), roomy('can0')];
    const audit = new FrameAudit('can0', 'can1');
    const [forA, forC] = [numbered(1000), numbered(1000, 0x10000)];
    const results = await Promise.all([a.socket.send(forA, LONG_TIMEOUT), c.socket.send(forC, LONG_TIMEOUT)]);
    expect(results.map(({ sent }) => sent)).to.deep.equal([1000, 1000]);
    await echoes.until(2000);
    const sent = echoes.received.slice(0, 2000).map(({ frame }) => frame);
    const of = (second: boolean) =>
      sent.filter((frame) => 'identifier' in frame && frame.identifier >= 0x10000 === second);
    expect(texts(of(false))).to.deep.equal(texts(forA));
    expect(texts(of(true))).to.deep.equal(texts(forC));
    const lost = await audit.check(sent);
    seen(`1000 of 1000 each, each in its order; the receiving controller lost ${lost}`);
    seen(`${a.statistics.retries} and ${c.statistics.retries} waits for room`);
  });
});
