import { expect } from 'chai';
import { DataFrame, FrameFormat } from '../../src';
import { tc } from '../support/kernel/guest';
import { after, until } from '../support/waiting/until';
import { ListeningMedia } from '../support/sockets/media';
import { row } from '../support/rows/row';
import { needControllers, numbered, LONG_TIMEOUT, roomy, texts } from './bus';
import { FrameAudit } from './frame-audit';

const DELAY_MS = 30;

describe('Echoes of a controller', () => {
  needControllers();
  afterEach(() => {
    tc('qdisc', 'replace', 'dev', 'can0', 'root', 'pfifo_fast');
  });

  row('C11', 'delivers the 50 requested echoes once and in order while the bus is busy', async (seen) => {
    const [forth, back] = [new FrameAudit('can0', 'can1'), new FrameAudit('can1', 'can0')];
    const [a, busy] = [roomy('can0'), roomy('can1')];
    const frames = numbered(3000, 0x10000);
    const traffic = busy.socket.send(frames, LONG_TIMEOUT);
    const own: DataFrame[] = [];
    const all: DataFrame[] = [];
    const sending: Promise<unknown>[] = [];
    for (let i = 0; i < 50; i++) {
      const frame = new DataFrame(FrameFormat.Base, 0x100 + i, Uint8Array.of(i));
      const others = numbered(3, 0x20000 + 10 * i);
      own.push(frame);
      all.push(frame, ...others);
      sending.push(a.socket.send(frame, { ...LONG_TIMEOUT, echo: true }));
      sending.push(a.socket.send(others, LONG_TIMEOUT));
    }
    await Promise.all(sending);
    expect(await traffic).to.include({ sent: 3000 });
    await forth.check(all);
    const lost = await back.check(frames);
    // The audits have sockets of their own on can0; what reached one has reached the other.
    await until(() => a.statistics.receivedOwn >= 50, '50 echoes');
    const echoes = a.received.filter((each) => each.own).map(({ frame }) => String(frame));
    expect(echoes).to.deep.equal(texts(own));
    expect(a.statistics).to.include({ receivedOwn: 50, unrequested: 150 });
    seen('50 of 50, once and in order; 150 that no call requested were not delivered');
    seen(`of 3000 others the controller lost ${lost}`);
  });

  row('C12', 'stamps each echo after the 30 ms for which the queue holds its frame', async (seen) => {
    const hold = ['netem', 'delay', `${DELAY_MS}ms`, 'limit', '1000'];
    tc('qdisc', 'replace', 'dev', 'can0', 'root', ...hold);
    const audit = new FrameAudit('can0', 'can1');
    const [a, b] = [roomy('can0'), roomy('can1')];
    const begun: bigint[] = [];
    for (const frame of numbered(50)) {
      begun.push(process.hrtime.bigint());
      await a.socket.send(frame, { ...LONG_TIMEOUT, echo: true });
    }
    // Before the markers of the audit, which come to this socket, too.
    await a.until(50);
    const echoes = a.received.slice(0, 50);
    await audit.check(numbered(50));
    expect(echoes.map(({ frame }) => String(frame))).to.deep.equal(texts(numbered(50)));
    const waits = echoes.map(({ own, timestamp }, i) => {
      expect(own).to.equal(true);
      return Number(timestamp.monotonicNs - (begun[i] as bigint)) / 1e6;
    });
    // An interface with IFF_ECHO returns a frame when it was sent, not when the kernel took it.
    expect(Math.min(...waits)).to.be.at.least(DELAY_MS);
    const apart = echoes.flatMap(({ frame, timestamp }) => {
      const there = b.received.find((each) => String(each.frame) === String(frame));
      if (there === undefined) return [];
      return [Math.abs(Number(timestamp.monotonicNs - there.timestamp.monotonicNs)) / 1e3];
    });
    seen(`each after ${DELAY_MS} ms or more; the least ${Math.min(...waits).toFixed(1)} ms`);
    seen(`up to ${Math.max(...apart).toFixed(0)} us from its reception on the other side`);
  });

  row('C13', 'returns to a media the echoes of exactly the 250 of 500 frames with loopback', async (seen) => {
    const audit = new FrameAudit('can0', 'can1');
    const [a, b] = [new ListeningMedia('can0', 8), new ListeningMedia('can1', 8)];
    const frames = numbered(500);
    const mixed = frames.map((frame, i) => ({ frame, loopback: i % 2 === 0 }));
    expect(await a.media.send(mixed, after(LONG_TIMEOUT.timeoutMs))).to.equal(500);
    await a.until(250);
    const echoes = a.received.filter(({ loopback }) => loopback).map(({ frame }) => String(frame));
    expect(echoes).to.deep.equal(texts(frames.filter((_, i) => i % 2 === 0)));
    const lost = await audit.check(frames);
    await b.until(500 - lost);
    expect(b.texts.slice(0, 500 - lost)).to.deep.equal(audit.arrived);
    seen(`250 of 250 echoes, ${500 - lost} of 500 on the other side; the controller lost ${lost}`);
  });
});
