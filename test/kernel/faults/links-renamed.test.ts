import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { DataFrame, FrameFormat } from '../../../src';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { changeLink } from '../../support/kernel/rtnetlink';
import { HANG_MS, until } from '../../support/waiting/until';
import { setLink } from '../../support/kernel/link';
import { SocketRecorder } from '../../support/sockets/socket-recorder';
import { recovery } from '../../support/kernel/recovery';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { keepThread } from '../../support/processes/keep-thread';
import { row } from '../../support/rows/row';

const NAME = 'vcan7';
const OTHER = 'vcan8';
/** The first number of frames on interfaces that the socket does not read. */
const STRANGE = 1_000_000;
const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());

/** A socket that has received a few frames, and the traffic. */
async function flowing(): Promise<{ recorder: SocketRecorder; traffic: NumberedTraffic }> {
  const recorder = new SocketRecorder(NAME).follow().receive();
  const traffic = new NumberedTraffic(NAME);
  await recorder.frames(5);
  return { recorder, traffic };
}

/** What the kernel has in its receive lists of sockets that are bound to index 0. */
function boundToAll(): string[] {
  return ['all', 'fil', 'inv', 'sff', 'eff', 'err']
    .flatMap((list) => readFileSync(`/proc/net/can/rcvlist_${list}`, 'utf8').split('\n'))
    .filter((line) => /^\s+any\s/.test(line));
}

describe('An interface that changes its name', () => {
  keepThread();
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(() => {
    for (const name of [NAME, OTHER]) removeLink(name);
  });

  row('L4z', 'receives nothing of other interfaces while the interface is missing', async (seen) => {
    const { recorder, traffic } = await flowing();
    const others = ['vcan0', 'vcan1', OTHER];
    addVcan(OTHER);
    const noise = others.map((name) => new NumberedTraffic(name, 1, STRANGE));
    for (let round = 1; round <= 3; round++) {
      removeLink(NAME);
      await recorder.until('gone', round);
      const gone = process.hrtime.bigint();
      for (const each of noise) await each.firstSince(gone);
      expect(boundToAll(), 'sockets that are bound to every interface').to.deep.equal([]);
      expect(recorder.numbers.every((number) => number < STRANGE)).to.equal(true);
      addVcan(NAME, 72, false);
      await recorder.until('back', round);
      for (const each of noise) await each.firstSince(process.hrtime.bigint());
      expect(boundToAll()).to.deep.equal([]);
      await recovery(recorder, traffic, setLink(NAME, true));
      await recorder.until('up', round);
    }
    traffic.stop();
    expect(recorder.numbers.filter((number) => number >= STRANGE)).to.deep.equal([]);
    const foreign = noise.reduce((sum, { numbers }) => sum + numbers.length, 0);
    seen(`none of ${foreign} frames of ${others.join(', ')} is received, nothing is bound to index 0`);
  });

  row('L6', 'keeps receiving under the new name, and reopens the old name after a removal', async (seen) => {
    const { recorder, traffic } = await flowing();
    setLink(NAME, false);
    changeLink(NAME, { name: OTHER });
    await recorder.until('down');
    const up = setLink(OTHER, true);
    const renamed = await recovery(recorder, traffic, up);
    expect(await recorder.socket.send(frame, { timeoutMs: HANG_MS })).to.include({ sent: 1 });
    await recorder.until('up');
    expect(recorder.events).to.deep.equal(['down', 'up']);
    removeLink(OTHER);
    await recorder.until('gone');
    expect(recorder.socket.state).to.equal('gone');
    const gone = process.hrtime.bigint();
    addVcan(NAME, 72, false);
    setLink(NAME, true);
    const back = await recovery(recorder, traffic, gone);
    await recorder.until('up', 2);
    expect(recorder.eventsExceptDown).to.deep.equal(['up', 'gone', 'back', 'up']);
    recorder.checkTimes();
    const counts = await recorder.checkFrames(traffic, gone);
    seen(`works under the new name ${renamed}; 'gone' with it; back under the old name ${back}`);
    seen(counts);
  });

  row('L6b', 'keeps its interface when another one takes its name', async (seen) => {
    const { recorder, traffic } = await flowing();
    setLink(NAME, false);
    changeLink(NAME, { name: OTHER });
    addVcan(NAME, 72, false);
    setLink(NAME, true);
    const stranger = new NumberedTraffic(NAME, 0, STRANGE);
    expect(stranger.write(100)).to.equal(100);
    await recovery(recorder, traffic, setLink(OTHER, true));
    const before = recorder.numbers.length;
    await recorder.frames(before + 10);
    expect(recorder.numbers).to.deep.equal(traffic.numbers.slice(0, recorder.numbers.length));
    traffic.stop();
    removeLink(OTHER);
    await recorder.until('back');
    const isNew = (number: number) => number >= STRANGE + 100;
    await until(() => stranger.write() === 1 && recorder.numbers.some(isNew), 'the new one');
    expect(recorder.eventsExceptDown.slice(0, 3)).to.deep.equal(['up', 'gone', 'back']);
    seen('stays with its own; when that is gone, at once with the one that has the name');
  });
});
