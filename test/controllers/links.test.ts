import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ErrorFrame, listInterfaces, type Frame } from '../../src';
import { ip, tc } from '../support/kernel/guest';
import { until } from '../support/waiting/until';
import { row } from '../support/rows/row';
import { run } from '../support/kernel/shell';
import type { ListeningSocket } from '../support/sockets/listening-socket';
import { configure, needControllers, Netdev, numbered, pace, LONG_TIMEOUT, roomy } from './bus';
import { FrameAudit } from './frame-audit';

const execute = promisify(execFile);

/** The changes of a socket's link, with their times (monotonic ns). */
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

/** Removes the PCI device of can0, as if its card were unplugged. */
const UNPLUG = 'echo 1 > /sys/class/net/can0/device/remove';

function rescan(): void {
  run('sh', '-c', 'echo 1 > /sys/bus/pci/rescan');
}

/**
 * Counts the places where identifiers, which count up, are missing. A link that goes down drops its queue
 * and every frame that it gets until it is down. The kernel reports all of them as sent. So there is one gap
 * of any length each time, and no frame is out of order. QEMU's SJA1000 also transmits in reset mode, but
 * accepts no new frame there: it may repeat the last frame before a gap.
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

/** Asserts that each `down` caused at most one gap, unless the receiver lost frames. */
function checkGaps(audit: FrameAudit, downs: number): void {
  const found = gaps(audit.identifiers);
  if (audit.losses === 0) expect(found).to.be.at.most(downs);
}

describe('Links of controllers', () => {
  needControllers();
  afterEach(() => {
    if (!listInterfaces().some(({ name }) => name === 'can0')) rescan();
    configure('can0');
    configure('can1');
  });

  row('C15', 'loses frames in at most one gap each time the sender goes down, five times', async (seen) => {
    // At the pace of a wire the queue is full when the link goes down.
    pace('can0');
    const [a, audit] = [roomy('can0'), new FrameAudit('can0', 'can1')];
    const changes = new Changes(a);
    const { out, into } = audit;
    const sending = a.socket.send(numbered(8000), LONG_TIMEOUT);
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
    await audit.settled();
    const sent = out.sent - audit.markers;
    if (audit.losses === 0) expect(into.received).to.equal(out.sent);
    checkGaps(audit, 5);
    expect(changes.names).to.deep.equal(Array(5).fill(['down', 'up']).flat());
    tc('qdisc', 'replace', 'dev', 'can0', 'root', 'pfifo_fast');
    seen(`8000 taken by the kernel, ${sent} sent by the controller, received in order`);
    seen(`the receiving controller lost ${sent - audit.identifiers.length}`);
    seen(`${8000 - sent} died with the link, in one gap each time; the kernel's tx_dropped: ${out.unsent}`);
    seen("five times 'down' and 'up'");
  });

  row('C16', 'receives no frame while the receiver is down, and receives again when it is up', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const changes = new Changes(b);
    const before = new FrameAudit('can0', 'can1');
    await a.socket.send(numbered(100), LONG_TIMEOUT);
    const lost = [await before.check(numbered(100))];
    ip('link', 'set', 'can1', 'down');
    await changes.until('down');
    const received = b.received.length;
    const { out } = before;
    const outBefore = out.sent;
    const unreceived = await a.socket.send(numbered(100, 1000), LONG_TIMEOUT);
    expect(unreceived.sent).to.equal(100);
    await until(() => out.sent === outBefore + 100, 'the controller has sent them');
    ip('link', 'set', 'can1', 'up');
    await changes.until('up');
    expect(b.received).to.have.lengthOf(received);
    const afterwards = new FrameAudit('can0', 'can1');
    await a.socket.send(numbered(100, 2000), LONG_TIMEOUT);
    lost.push(await afterwards.check(numbered(100, 2000)));
    expect(a.errorFrames.map(String)).to.deep.equal([]);
    seen('100 sent before and after, 100 meanwhile; those do not arrive, and the sender gets no error');
    seen(`the receiving controller lost ${lost.join(' and ')} of the others`);
    seen("QEMU's bus acknowledges frames without a receiver");
  });

  row('C17', 'reports a bit rate that differs from that of the sender, and receives frames', async (seen) => {
    configure('can1', 250_000);
    const found = listInterfaces().find(({ name }) => name === 'can1');
    expect(found).to.include({ bitrate: 250_000, samplePoint: 0.875, state: 'error-active' });
    const [a, b] = [roomy('can0'), roomy('can1')];
    // One at a time, since the receiver has room for 4.
    for (const [index, frame] of numbered(10).entries()) {
      await a.socket.send(frame, LONG_TIMEOUT);
      await b.until(index + 1);
    }
    expect([a.errorFrames, b.errorFrames].flat()).to.deep.equal([]);
    seen("listInterfaces() reports 250000; QEMU's bus ignores the difference, 10 of 10 arrive");
  });

  row('C18', 'sends waiting frames when an unplugged controller returns', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const changes = new Changes(a);
    const before = new FrameAudit('can0', 'can1');
    await a.socket.send(numbered(10), LONG_TIMEOUT);
    const lost = [await before.check(numbered(10))];
    const received = b.received.length;
    run('sh', '-c', UNPLUG);
    await changes.until('gone');
    expect(a.socket.state).to.equal('gone');
    expect(listInterfaces().some(({ name }) => name === 'can0')).to.equal(false);
    const waiting = a.socket.send(numbered(500, 1000), { ...LONG_TIMEOUT, echo: true });
    rescan();
    await changes.until('back');
    expect(a.socket.state).to.equal('down');
    configure('can0');
    await changes.until('up');
    const up = changes.at.at(-1) ?? 0n;
    expect(await waiting).to.include({ sent: 500, expired: 0 });
    const echoes = (): Frame[] => a.received.filter(({ own }) => own).map(({ frame }) => frame);
    await until(() => echoes().length >= 500, '500 echoes');
    expect(echoes().map(String)).to.deep.equal(numbered(500, 1000).map(String));
    expect(a.statistics).to.include({ reopened: 1, sent: 510, receivedOwn: 500, refused: 0 });
    const [forth, back] = [new FrameAudit('can0', 'can1'), new FrameAudit('can1', 'can0')];
    await forth.settled();
    const arrived = b.received.slice(received).map(({ frame }) => frame);
    const ids = arrived.flatMap((frame) => ('identifier' in frame ? [frame.identifier] : []));
    const of500 = ids.filter((each) => each >= 1000 && each < 1500);
    expect(of500).to.deep.equal([...new Set(of500)].sort((x, y) => x - y));
    const overflows = arrived.filter((frame) => frame instanceof ErrorFrame).length;
    if (overflows === 0) expect(of500).to.have.lengthOf(500);
    await b.socket.send(numbered(500, 5000), LONG_TIMEOUT);
    lost.push(500 - of500.length, await back.check(numbered(500, 5000)));
    expect(a.errors).to.deep.equal([]);
    expect(changes.names.filter((each) => each !== 'down')).to.deep.equal(['gone', 'back', 'up']);
    seen(`${changes.names.map((each) => `'${each}'`).join(', ')}; 500 each way afterwards, in order`);
    seen(`the receiving controllers lost ${lost.join(', ')}`);
    const first = a.received.find(({ own }) => own)?.timestamp.monotonicNs ?? 0n;
    const ms = Number(first - up) / 1e6;
    seen(`the first ${Math.abs(ms).toFixed(1)} ms ${ms < 0 ? 'before' : 'after'} 'up'`);
    seen('500 of 500 echoes');
  });

  row('C19', 'reopens a controller that is unplugged under traffic, five times', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    const changes = new Changes(a);
    const into = new Netdev('can1');
    const stop = new AbortController();
    let sent = 0;
    // Without a limit of time or frames: the rounds take as long as they take.
    const sending = (async () => {
      while (!stop.signal.aborted) sent += (await a.socket.send(numbered(200, sent), LONG_TIMEOUT)).sent;
    })();
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
    await sending;
    // A audit of its own, since the unplugged controller took its counts with it.
    await new FrameAudit('can0', 'can1').settled();
    const ids = b.identifiers.filter((each) => each < sent);
    const losses = into.overruns + into.dropped;
    const counted = into.received + into.overruns - into.dropped;
    await until(() => b.received.length === counted, 'all frames are delivered');
    const found = gaps(ids);
    if (losses === 0) expect(found).to.be.at.most(5);
    expect(a.statistics).to.include({ reopened: 5, refused: 0, sent });
    expect(a.errors).to.deep.equal([]);
    seen(`${sent} taken by the kernel, ${sent - ids.length} died with their controller or were lost`);
    seen(`in ${found} gaps, with ${losses} losses reported by the receiving side; the others in order`);
  });
});
