import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { listInterfaces } from '../../src';
import { ip, tc } from '../support/kernel/guest';
import { until } from '../support/waiting/until';
import { row } from '../support/rows/row';
import { run } from '../support/kernel/shell';
import type { ListeningSocket } from '../support/sockets/listening-socket';
import { rejection } from '../support/asserts/thrown';
import { configure, Netdev, numbered, pace, roomy, texts } from './bus';

const execute = promisify(execFile);

/** The changes of a socket's link, with their times in ms since the first. */
class Changes {
  readonly names: string[] = [];
  readonly at: bigint[] = [];

  constructor({ socket }: ListeningSocket) {
    for (const change of ['down', 'up', 'gone', 'back'] as const) {
      socket.on(change, ({ monotonicNs }) => {
        this.names.push(change);
        this.at.push(monotonicNs);
      });
    }
  }

  until(last: string): Promise<void> {
    return until(() => this.names.at(-1) === last, `'${last}' after ${this.names.join(', ')}`);
  }
}

/** Removes the PCI device of can0, as if its card were pulled. */
const UNPLUG = 'echo 1 > /sys/class/net/can0/device/remove';

function rescan(): void {
  run('sh', '-c', 'echo 1 > /sys/bus/pci/rescan');
}

/**
 * How often the identifiers, which count up, leave some out. A link that goes down takes what is in its
 * queue and, for as long as it is going, whatever it is given: the kernel says "sent" to all of it. That
 * is one gap each time, of any length, and nothing is out of order. QEMU's SJA1000 obeys a request to
 * transmit in reset mode, too, but takes no new frame for it: the last one before a gap may come again.
 */
function gaps(found: readonly number[]): number {
  let count = 0;
  found.forEach((each, i) => {
    const previous = i === 0 ? -1 : (found[i - 1] as number);
    const gapFollows = (found[i + 1] ?? each) > each + 1;
    const least = gapFollows ? previous : previous + 1;
    expect(each, 'a frame came twice or out of order').to.be.at.least(least);
    if (each > previous + 1) count++;
  });
  return count;
}

function identifiers(listener: ListeningSocket): number[] {
  return listener.received.flatMap(({ frame }) =>
    'identifier' in frame ? [frame.identifier] : [],
  );
}

describe('links of controllers', () => {
  afterEach(() => {
    if (!listInterfaces().some(({ name }) => name === 'can0')) rescan();
    configure('can0');
    configure('can1');
  });

  row('C15', 'the sender down and up five times under traffic', async (seen) => {
    // Let out at the pace of a wire, so that the queue is full when the link goes down.
    pace('can0');
    const [a, b] = [roomy('can0'), roomy('can1')];
    const changes = new Changes(a);
    const [out, into] = [new Netdev('can0'), new Netdev('can1')];
    const sending = a.socket.send(numbered(8000), { timeoutMs: 60_000 });
    for (let round = 1; round <= 5; round++) {
      const before = out.sent;
      await until(() => out.sent >= before + 300, '300 frames more');
      // Not by ip(), for which this thread would wait and not send.
      await execute('ip', ['link', 'set', 'can0', 'down']);
      await changes.until('down');
      ip('link', 'set', 'can0', 'up');
      await changes.until('up');
    }
    expect(await sending).to.include({ sent: 8000, expired: 0 });
    await until(() => identifiers(b).at(-1) === 7999, 'the last frame');
    const lost = 8000 - out.sent;
    expect(into.received).to.equal(out.sent);
    expect(b.statistics).to.include({ received: out.sent - into.dropped, dropped: 0 });
    expect(gaps(identifiers(b))).to.be.at.most(5);
    expect(changes.names).to.deep.equal(Array(5).fill(['down', 'up']).flat());
    tc('qdisc', 'replace', 'dev', 'can0', 'root', 'pfifo_fast');
    seen(`8000 taken by the kernel, ${out.sent} sent by the controller and received, in order`);
    seen(
      `${lost} died with the link, in one gap each time; the kernel's tx_dropped: ${out.unsent}`,
    );
    seen("told 'down' and 'up' five times");
  });

  row('C16', 'the receiver down and up under traffic', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const changes = new Changes(b);
    const [out, into] = [new Netdev('can0'), new Netdev('can1')];
    await a.socket.send(numbered(100), { timeoutMs: 10_000 });
    await b.until(100);
    ip('link', 'set', 'can1', 'down');
    await changes.until('down');
    const unheard = await a.socket.send(numbered(100, 1000), { timeoutMs: 10_000 });
    expect(unheard.sent).to.equal(100);
    await until(() => out.sent === 200, 'the controller has sent them');
    ip('link', 'set', 'can1', 'up');
    await changes.until('up');
    await a.socket.send(numbered(100, 2000), { timeoutMs: 10_000 });
    await until(() => identifiers(b).at(-1) === 2099, 'the last frame');
    const data = b.texts.filter((text) => !text.startsWith('error'));
    expect(data).to.deep.equal(texts([...numbered(100), ...numbered(100, 2000)]));
    expect(into.received).to.equal(200);
    expect(a.errorFrames.map(String)).to.deep.equal([]);
    seen(`100 of 100 before and after; of 100 meanwhile none, and nobody tells the sender`);
    seen("QEMU's bus acknowledges what nobody hears");
  });

  row('C17', 'different bit rates', async (seen) => {
    configure('can1', 250_000);
    const found = listInterfaces().find(({ name }) => name === 'can1');
    expect(found).to.include({ bitrate: 250_000, samplePoint: 0.875, state: 'error-active' });
    const [a, b] = [roomy('can0'), roomy('can1')];
    await a.socket.send(numbered(10));
    await b.until(10);
    expect([a.errorFrames, b.errorFrames].flat()).to.deep.equal([]);
    seen("listInterfaces() tells 250000; QEMU's bus does not mind, 10 of 10 arrive");
  });

  row('C18', 'a controller unplugged and plugged in again, a send waiting', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const changes = new Changes(a);
    await a.socket.send(numbered(10));
    await b.until(10);
    run('sh', '-c', UNPLUG);
    await changes.until('gone');
    expect(a.socket.state).to.equal('gone');
    expect(listInterfaces().some(({ name }) => name === 'can0')).to.equal(false);
    const waiting = a.socket.send(numbered(500, 1000), { timeoutMs: 60_000, echo: true });
    rescan();
    await changes.until('back');
    expect(a.socket.state).to.equal('down');
    configure('can0');
    await changes.until('up');
    const up = changes.at.at(-1) ?? 0n;
    expect(await waiting).to.include({ sent: 500, expired: 0 });
    await b.until(510);
    const first = b.received[10]?.timestamp.monotonicNs ?? 0n;
    await a.until(500);
    expect(b.texts).to.deep.equal(texts([...numbered(10), ...numbered(500, 1000)]));
    expect(a.received.every(({ own }) => own)).to.equal(true);
    expect(a.statistics).to.include({ reopened: 1, sent: 510, receivedOwn: 500, refused: 0 });
    await b.socket.send(numbered(500, 5000), { timeoutMs: 30_000 });
    await a.until(1000);
    expect(a.errors).to.deep.equal([]);
    expect(changes.names.filter((each) => each !== 'down')).to.deep.equal(['gone', 'back', 'up']);
    seen(`${changes.names.map((each) => `'${each}'`).join(', ')}; 500 of 500 each way afterwards`);
    const ms = Number(first - up) / 1e6;
    seen(`the first ${Math.abs(ms).toFixed(1)} ms ${ms < 0 ? 'before' : 'after'} 'up' is told`);
    seen('500 of 500 echoes');
  });

  row('C19', 'a controller unplugged under traffic, five times', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const changes = new Changes(a);
    const into = new Netdev('can1');
    const stop = new AbortController();
    const { signal } = stop;
    const sending = rejection(a.socket.send(numbered(200_000), { timeoutMs: 100_000, signal }));
    for (let round = 1; round <= 5; round++) {
      const before = b.received.length;
      await until(() => b.received.length >= before + 100, '100 frames more');
      await execute('sh', ['-c', UNPLUG]);
      await changes.until('gone');
      rescan();
      await changes.until('back');
      configure('can0');
      await until(() => a.socket.state === 'up', 'up');
    }
    await until(() => b.received.length > 1000, '1000 frames');
    stop.abort();
    const sent = Number((await sending)['sent']);
    await until(() => identifiers(b).at(-1) === sent - 1, 'the last frame');
    const lost = sent - b.received.length;
    expect(into.received).to.equal(b.received.length);
    expect(gaps(identifiers(b))).to.be.at.most(5);
    expect(a.statistics).to.include({ reopened: 5, refused: 0, sent });
    expect(a.errors).to.deep.equal([]);
    seen(`${sent} taken by the kernel, ${lost} died with their controller, in one gap each time`);
    seen('all others were received, in order; no error');
  });
});
