import { expect } from 'chai';
import { DataFrame, FilterConfiguration, FrameFormat } from '../../../src';
import { check } from '../../../src/libc/errors';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { makeLink } from '../../support/kernel/rtnetlink';
import { setLink } from '../../support/kernel/link';
import { SocketRecorder } from '../../support/sockets/socket-recorder';
import { recovery } from '../../support/kernel/recovery';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { interfaceIndex } from '../../support/fakes/interface-index';
import { HANG_MS } from '../../support/waiting/until';
import { keepThread } from '../../support/processes/keep-thread';
import { row } from '../../support/rows/row';
import { rejection, thrown } from '../../support/asserts/thrown';

const NAME = 'vcan7';
const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());

/** Makes a vcan that is down, with this index if given. */
function make(name: string, index?: number): void {
  makeLink(name, 'vcan', index === undefined ? {} : { index });
}

function indexOf(name: string): number {
  return check(interfaceIndex(name), 'if_nametoindex');
}

/** A socket that has received a few frames, and the traffic. */
async function flowing(options = {}): Promise<{ recorder: SocketRecorder; traffic: NumberedTraffic }> {
  const recorder = new SocketRecorder(NAME, options).follow().receive();
  const traffic = new NumberedTraffic(NAME);
  await recorder.frames(5);
  return { recorder, traffic };
}

describe('An interface that is removed', () => {
  keepThread();
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(() => {
    removeLink(NAME);
  });

  row('L3', "delivers 1000 unread frames, then reports 'gone'", async (seen) => {
    const recorder = new SocketRecorder(NAME);
    const traffic = new NumberedTraffic(NAME, 0);
    expect(traffic.write(1000)).to.equal(1000);
    removeLink(NAME);
    recorder.follow().receive();
    await recorder.until('gone');
    const entries = recorder.entries.map(({ what }) => what).filter((what) => what !== 'down');
    expect(entries).to.deep.equal([...traffic.numbers, 'gone']);
    expect(recorder.socket.state).to.equal('gone');
    expect(await recorder.socket.send(frame, { timeoutMs: 20 })).to.include({
      sent: 0,
      expired: 1,
    });
    expect(recorder.socket.statistics).to.include({ received: 1000, dropped: 0, expired: 1 });
    seen("all 1000, then 'gone'; a send waits for its deadline");
  });

  row('L3r', 'delivers 1000 unread frames, then closes with reopen: false', async (seen) => {
    const recorder = new SocketRecorder(NAME, { reopen: false });
    const traffic = new NumberedTraffic(NAME, 0);
    expect(traffic.write(1000)).to.equal(1000);
    removeLink(NAME);
    recorder.follow().receive();
    await recorder.until('close');
    const entries = recorder.entries.map(({ what }) => what).filter((what) => what !== 'down');
    expect(entries).to.deep.equal([...traffic.numbers, 'gone', 'error', 'close']);
    expect(recorder.errors.map(({ code }) => code)).to.deep.equal(['ENODEV']);
    const { socket } = recorder;
    expect(socket.state).to.equal('closed');
    const refusals = [
      await rejection(socket.send(frame)),
      thrown(() => {
        socket.setFilters([]);
      }),
      thrown(() => socket.frames()),
    ];
    for (const error of refusals) {
      expect(error).to.include({ code: 'ERR_SOCKETCAN_CLOSED', interface: NAME });
      expect(error.cause).to.equal(recorder.errors[0]);
    }
    make(NAME);
    setLink(NAME, true);
    traffic.write(3);
    await socket.close();
    expect(recorder.numbers).to.have.lengthOf(1000);
    seen("all 1000, then 'gone', 'error' ENODEV, 'close'; ENODEV is the cause of later errors");
  });

  for (const [what, sameIndex] of [
    ['with the same name', false],
    ['with the same name and index', true],
  ] as const) {
    row('L4', `receives again when it is removed under traffic and made again ${what}`, async (seen) => {
      const filters = [new FilterConfiguration(0, 0, FrameFormat.Extended)];
      const { recorder, traffic } = await flowing({ filters });
      const index = indexOf(NAME);
      removeLink(NAME);
      await recorder.until('gone');
      const gone = process.hrtime.bigint();
      make(NAME, sameIndex ? index : undefined);
      expect(indexOf(NAME) === index).to.equal(sameIndex);
      setLink(NAME, true);
      const again = await recovery(recorder, traffic, gone);
      await recorder.until('up');
      expect(recorder.eventsExceptDown).to.deep.equal(['gone', 'back', 'up']);
      expect(recorder.socket.state).to.equal('up');
      expect(await recorder.socket.send(frame, { timeoutMs: HANG_MS })).to.include({ sent: 1 });
      recorder.checkTimes();
      const counts = await recorder.checkFrames(traffic, gone);
      seen(`traffic again ${again}; ${counts}`);
    });

    row('L4', `receives again when it is made again ${what} at once, five times`, async (seen) => {
      const { recorder, traffic } = await flowing();
      const index = indexOf(NAME);
      const times: string[] = [];
      for (let round = 1; round <= 5; round++) {
        removeLink(NAME);
        make(NAME, sameIndex ? index : undefined);
        times.push(await recovery(recorder, traffic, setLink(NAME, true)));
        await recorder.until('up', round);
      }
      expect(recorder.eventsExceptDown).to.deep.equal(Array(5).fill(['gone', 'back', 'up']).flat());
      expect(recorder.socket.statistics).to.include({ reopened: 5, dropped: 0 });
      recorder.checkTimes();
      seen(`traffic again ${times.join('; ')}`);
    });

    row('L4', `receives and sends when it is made again ${what} before anybody listens`, async (seen) => {
      const receiver = new SocketRecorder(NAME);
      const sender = new SocketRecorder(NAME);
      const index = indexOf(NAME);
      removeLink(NAME);
      make(NAME, sameIndex ? index : undefined);
      const up = setLink(NAME, true);
      expect(await sender.socket.send(frame, { timeoutMs: HANG_MS })).to.include({ sent: 1 });
      receiver.follow().receive();
      const again = await recovery(receiver, new NumberedTraffic(NAME), up);
      await receiver.until('up');
      expect(receiver.eventsExceptDown).to.deep.equal(['gone', 'back', 'up']);
      receiver.checkTimes();
      seen(`the sender sends; traffic at the listener ${again}`);
    });
  }
});
