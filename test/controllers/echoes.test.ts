import { expect } from 'chai';
import { DataFrame, FrameFormat } from '../../src';
import { tc } from '../support/kernel/guest';
import { after, until } from '../support/waiting/until';
import { ListeningMedia } from '../support/sockets/media';
import { row } from '../support/rows/row';
import { numbered, roomy, texts } from './bus';

const DELAY_MS = 30;

describe('echoes of a controller', () => {
  afterEach(() => {
    tc('qdisc', 'replace', 'dev', 'can0', 'root', 'pfifo_fast');
  });

  row('C11', 'own echoes of 50 frames, one call each, among others, the bus busy', async (seen) => {
    const [a, busy] = [roomy('can0'), roomy('can1')];
    const traffic = busy.socket.send(numbered(3000, 0x10000), { timeoutMs: 30_000 });
    for (let i = 0; i < 50; i++) {
      const frame = new DataFrame(FrameFormat.Base, 0x100 + i, Uint8Array.of(i));
      void a.socket.send(frame, { echo: true });
      void a.socket.send(numbered(3, 0x20000 + 10 * i));
    }
    const own = () => a.received.filter((each) => each.own);
    await until(() => own().length >= 50, `${own().length} of 50 echoes`);
    expect(await traffic).to.include({ sent: 3000 });
    await busy.until(200);
    await a.until(3050);
    expect(own().map(({ frame }) => (frame as DataFrame).identifier)).to.deep.equal(
      Array.from({ length: 50 }, (_, i) => 0x100 + i),
    );
    expect(a.statistics).to.include({ receivedOwn: 50, unrequested: 150, received: 3000 });
    seen('50 of 50, once and in order; 150 that nobody asked for were not delivered');
  });

  row('C12', 'the time of an echo, the queue being held for 30 ms', async (seen) => {
    const hold = ['netem', 'delay', `${DELAY_MS}ms`, 'limit', '1000'];
    tc('qdisc', 'replace', 'dev', 'can0', 'root', ...hold);
    const [a, b] = [roomy('can0'), roomy('can1')];
    const begun: bigint[] = [];
    for (const frame of numbered(50)) {
      begun.push(process.hrtime.bigint());
      await a.socket.send(frame, { echo: true });
    }
    await Promise.all([a.until(50), b.until(50)]);
    expect(a.texts).to.deep.equal(texts(numbered(50)));
    const waits = a.received.map(({ own, timestamp }, i) => {
      expect(own).to.equal(true);
      return Number(timestamp.monotonicNs - (begun[i] as bigint)) / 1e6;
    });
    // Not when the kernel took it, as an interface without IFF_ECHO has it, but when it has been sent.
    expect(Math.min(...waits)).to.be.at.least(DELAY_MS);
    const apart = a.received.map(({ timestamp }, i) => {
      const there = b.received[i]?.timestamp.monotonicNs ?? 0n;
      return Math.abs(Number(timestamp.monotonicNs - there)) / 1e3;
    });
    seen(`each after ${DELAY_MS} ms or more; the least ${Math.min(...waits).toFixed(1)} ms`);
    seen(`up to ${Math.max(...apart).toFixed(0)} us from its reception on the other side`);
  });

  row('C13', 'a media with loopback for every other one of 500 frames', async (seen) => {
    const [a, b] = [new ListeningMedia('can0', 8), new ListeningMedia('can1', 8)];
    const mixed = numbered(500).map((frame, i) => ({ frame, loopback: i % 2 === 0 }));
    expect(await a.media.send(mixed, after(20_000))).to.equal(500);
    await Promise.all([a.until(250), b.until(500)]);
    expect(a.received.every(({ loopback }) => loopback)).to.equal(true);
    expect(a.texts).to.deep.equal(b.texts.filter((_, i) => i % 2 === 0));
    seen('250 of 250 echoes, 500 of 500 on the other side');
  });
});
