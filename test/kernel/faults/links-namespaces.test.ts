import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { DataFrame, FrameFormat, listInterfaces } from '../../../src';
import { ip, removeLink } from '../../support/kernel/guest';
import { HANG_MS, until } from '../../support/waiting/until';
import { ipMeanwhile, setLink } from '../../support/kernel/link';
import { SocketRecorder } from '../../support/sockets/socket-recorder';
import { recovery } from '../../support/kernel/recovery';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { keepThread } from '../../support/processes/keep-thread';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { row } from '../../support/rows/row';

const NEAR = 'vxnear';
const FAR = 'vxfar';
const NAMESPACE = 'socketcan-test';
const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());

/** A command in the other namespace, to its end. */
function inside(...command: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', NAMESPACE, ...command], { encoding: 'utf8' });
}

/** A vxcan from here into the other namespace, both ends up. */
function tunnel(): void {
  ip('link', 'add', NEAR, 'type', 'vxcan', 'peer', 'name', FAR, 'netns', NAMESPACE);
  ip('-n', NAMESPACE, 'link', 'set', FAR, 'up');
  setLink(NEAR, true);
}

describe('A link in network namespaces', () => {
  keepThread();
  let holder: ChildProcess | undefined;

  async function release(): Promise<void> {
    if (holder?.kill('SIGKILL')) await once(holder, 'close');
    holder = undefined;
  }

  function deleteNamespace(): void {
    // ip-netns(8) keeps them there; absent until there was one.
    try {
      if (!readdirSync('/run/netns').includes(NAMESPACE)) return;
    } catch {
      return;
    }
    ip('netns', 'del', NAMESPACE);
  }

  beforeEach(() => {
    ip('netns', 'add', NAMESPACE);
    tunnel();
  });
  afterEach(async () => {
    await release();
    removeLink(NEAR);
    deleteNamespace();
  });

  row('L13', 'exchanges frames with another namespace', async (seen) => {
    const recorder = new SocketRecorder(NEAR).follow().receive();
    inside('cangen', FAR, '-n', '200', '-g', '1', '-I', 'i', '-L', '0');
    await recorder.frames(200);
    expect(recorder.numbers).to.deep.equal(Array.from({ length: 200 }, (_, index) => index));
    const received = () => /RX: .*\n\s*\d+\s+(\d+)/.exec(inside('ip', '-s', 'link', 'show', FAR))?.[1];
    const before = Number(received());
    const frames = Array(50).fill(frame) as DataFrame[];
    expect(await recorder.socket.send(frames, LONG_TIMEOUT)).to.include({ sent: 50 });
    expect(Number(received()) - before).to.equal(50);
    expect(recorder.events).to.deep.equal([]);
    seen('all 200 from there, all 50 arrive there');
  });

  row('L13d', 'receives again when the namespace of the peer is deleted and made again', async (seen) => {
    const recorder = new SocketRecorder(NEAR).follow().receive();
    const traffic = new NumberedTraffic(NEAR);
    await recorder.frames(5);
    await ipMeanwhile('netns', 'del', NAMESPACE);
    await recorder.until('gone');
    const gone = process.hrtime.bigint();
    ip('netns', 'add', NAMESPACE);
    tunnel();
    const again = await recovery(recorder, traffic, gone);
    await recorder.until('up');
    traffic.stop();
    await recorder.until(traffic.numbers.length - 1);
    inside('cansend', FAR, '1FFFFFFF#');
    await recorder.until(0x1fffffff);
    expect(recorder.eventsExceptDown).to.deep.equal(['gone', 'back', 'up']);
    recorder.checkTimes();
    seen(`'gone', then traffic again ${again}`);
  });

  row('L13h', "reports 'gone' when the last process leaves the deleted namespace", async (seen) => {
    const recorder = new SocketRecorder(NEAR).follow().receive();
    const args = ['netns', 'exec', NAMESPACE, 'cangen', FAR, '-g', '10'];
    holder = spawn('ip', args, { stdio: 'ignore' });
    await recorder.frames(5);
    await ipMeanwhile('netns', 'del', NAMESPACE);
    await recorder.frames(recorder.numbers.length + 20);
    expect(recorder.events).to.deep.equal([]);
    await release();
    await recorder.until('gone');
    expect(recorder.eventsExceptDown).to.deep.equal(['gone']);
    seen("traffic goes on; 'gone' when the process has ended");
  });

  row('L13m', "reports 'gone' and 'back' when the interface moves to another namespace and back", async (seen) => {
    const recorder = new SocketRecorder(NEAR).follow().receive();
    const traffic = new NumberedTraffic(NEAR);
    await recorder.frames(5);
    const before = traffic.numbers.length;
    await ipMeanwhile('link', 'set', NEAR, 'netns', NAMESPACE);
    await recorder.until('gone');
    ip('-n', NAMESPACE, 'link', 'set', NEAR, 'up');
    inside('cansend', FAR, '1FFFFFFF#'); // It arrives, but not here.
    expect(await recorder.socket.send(frame, { timeoutMs: 20 })).to.include({
      sent: 0,
      expired: 1,
    });
    const away = process.hrtime.bigint();
    await ipMeanwhile('-n', NAMESPACE, 'link', 'set', NEAR, 'netns', String(process.pid));
    await recorder.until('back');
    setLink(NEAR, true);
    const again = await recovery(recorder, traffic, away);
    await recorder.until('up');
    traffic.stop();
    await recorder.until(traffic.numbers.length - 1);
    inside('cansend', FAR, '1FFFFFFE#');
    await recorder.until(0x1ffffffe);
    expect(recorder.numbers.slice(0, before)).to.deep.equal(traffic.numbers.slice(0, before));
    expect(recorder.numbers).to.not.include(0x1fffffff);
    expect(recorder.eventsExceptDown).to.deep.equal(['gone', 'back', 'up']);
    recorder.checkTimes();
    seen(`'gone', 'back', and traffic again ${again}; nothing of what was sent there`);
  });

  row('L14', 'reports no carrier, and no event, while the peer of a vxcan is down', async (seen) => {
    const recorder = new SocketRecorder(NEAR).follow().receive();
    const carrier = () => listInterfaces().find(({ name }) => name === NEAR)?.carrier;
    inside('cansend', FAR, '001#');
    await recorder.frames(1);
    expect(carrier()).to.equal(true);
    const up = () => listInterfaces().find(({ name }) => name === NEAR)?.up;
    ip('-n', NAMESPACE, 'link', 'set', FAR, 'down');
    await until(() => carrier() === false, 'the carrier is lost');
    expect(up()).to.equal(true);
    const frames = Array(20).fill(frame) as DataFrame[];
    expect(await recorder.socket.send(frames, { timeoutMs: HANG_MS })).to.include({
      sent: 20,
      expired: 0,
    });
    expect(recorder.socket.state).to.equal('up');
    ip('-n', NAMESPACE, 'link', 'set', FAR, 'up');
    await until(() => carrier() === true, 'the carrier is back');
    inside('cansend', FAR, '002#');
    await recorder.frames(2);
    expect(recorder.numbers).to.deep.equal([1, 2]);
    expect(recorder.events).to.deep.equal([]);
    seen('no event, state up, send says sent; carrier: false tells; works again with the peer');
  });
});
