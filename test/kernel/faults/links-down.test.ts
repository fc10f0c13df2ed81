import { expect } from 'chai';
import { DataFrame, FrameFormat, SocketCANMedia } from '../../../src';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { after, HANG_MS, until } from '../../support/waiting/until';
import { ipMeanwhile, setLink } from '../../support/kernel/link';
import { SocketRecorder } from '../../support/sockets/socket-recorder';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { envelopes } from '../../support/sockets/media';
import { recovery } from '../../support/kernel/recovery';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { keepThread } from '../../support/processes/keep-thread';
import { row } from '../../support/rows/row';

const NAME = 'vcan7';
const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());

describe('A link that goes down and up', () => {
  keepThread();
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(() => {
    removeLink(NAME);
  });

  row('L1', "reports 'down' once, and delivers all frames before it", async (seen) => {
    const recorder = new SocketRecorder(NAME).follow().receive();
    const traffic = new NumberedTraffic(NAME);
    await recorder.frames(20);
    const before = setLink(NAME, false);
    await recorder.until('down');
    await until(() => traffic.refused > 20, 'the traffic meets the link down');
    expect(recorder.events).to.deep.equal(['down']);
    expect(recorder.socket.state).to.equal('down');
    expect(recorder.numbers).to.deep.equal(traffic.numbers);
    expect(recorder.socket.statistics).to.include({ received: traffic.numbers.length, dropped: 0 });
    const [down] = recorder.entries.filter(({ what }) => what === 'down');
    expect((down?.at.monotonicNs ?? 0n) > before).to.equal(true);
    recorder.checkTimes();
    seen(`'down' once, and all ${traffic.numbers.length} frames`);
  });

  row('L2', 'receives again after ip(8) sets the link down and up, three times', async (seen) => {
    const recorder = new SocketRecorder(NAME).follow().receive();
    const traffic = new NumberedTraffic(NAME);
    await recorder.frames(5);
    const times: string[] = [];
    for (let round = 1; round <= 3; round++) {
      await ipMeanwhile('link', 'set', NAME, 'down');
      await recorder.until('down', round);
      const down = process.hrtime.bigint();
      await ipMeanwhile('link', 'set', NAME, 'up');
      times.push(await recovery(recorder, traffic, down));
      await recorder.until('up', round);
    }
    traffic.stop();
    await recorder.frames(traffic.numbers.length);
    expect(recorder.numbers).to.deep.equal(traffic.numbers);
    expect(recorder.events).to.deep.equal(['down', 'up', 'down', 'up', 'down', 'up']);
    recorder.checkTimes();
    seen(`traffic again ${times.join('; ')}; ${traffic.numbers.length} frames, none lost`);
  });

  row('L1c', "delivers 1000 unread frames, then reports 'down'", async (seen) => {
    const recorder = new SocketRecorder(NAME);
    const traffic = new NumberedTraffic(NAME, 0);
    expect(traffic.write(1000)).to.equal(1000);
    setLink(NAME, false);
    recorder.follow().receive();
    await recorder.until('down');
    expect(recorder.entries.map(({ what }) => what)).to.deep.equal([...traffic.numbers, 'down']);
    expect(recorder.socket.statistics).to.include({ received: 1000, dropped: 0 });
    seen("all 1000, then 'down'");
  });

  row('L1d', "reports 'down' when a send takes the error first, five times", async (seen) => {
    const recorder = new SocketRecorder(NAME).follow().receive();
    const traffic = new NumberedTraffic(NAME, 0);
    traffic.write();
    await recorder.frames(1);
    for (let round = 1; round <= 5; round++) {
      setLink(NAME, false);
      const sending = recorder.socket.send(frame, { timeoutMs: 20 });
      expect(await sending).to.include({ sent: 0, expired: 1 });
      await recorder.until('down', round);
      setLink(NAME, true);
      await recorder.until('up', round);
    }
    expect(recorder.events).to.deep.equal(Array(5).fill(['down', 'up']).flat());
    expect(traffic.write(2)).to.be.at.least(1);
    await recorder.frames(traffic.numbers.length);
    expect(recorder.numbers).to.deep.equal(traffic.numbers);
    seen("'down' and 'up' each time all the same");
  });

  row('L1e', 'updates the state of a socket that only sends', async (seen) => {
    const { socket } = new SocketRecorder(NAME);
    setLink(NAME, false);
    expect(await socket.send(frame, { timeoutMs: 20 })).to.include({ sent: 0, expired: 1 });
    await until(() => socket.state === 'down', 'the socket knows');
    setLink(NAME, true);
    expect(await socket.send(frame, { timeoutMs: HANG_MS })).to.include({ sent: 1, expired: 0 });
    await until(() => socket.state === 'up', 'the socket knows');
    seen("state 'down', then 'up', by the sends alone");
  });

  row('L1f', 'sends at the first call after the link was down for a moment, five times', async (seen) => {
    const listener = new ListeningSocket('vcan7');
    const { socket } = new SocketRecorder(NAME);
    for (let round = 1; round <= 5; round++) {
      setLink(NAME, false);
      setLink(NAME, true);
      expect(await socket.send(frame, { timeoutMs: HANG_MS })).to.include({
        sent: 1,
        expired: 0,
      });
      await listener.until(round);
    }
    expect(socket.statistics).to.include({ sent: 5, expired: 0, retries: 0 });
    expect(listener.texts).to.deep.equal(Array(5).fill('123#'));
    seen('each sent by its first call, and once');
  });

  row('L1g', 'does not block the event loop while a send waits for the link', async (seen) => {
    const recorder = new SocketRecorder(NAME).follow().receive();
    setLink(NAME, false);
    let beats = 0;
    const timer = setInterval(() => beats++, 5);
    const sending = recorder.socket.send(frame, { timeoutMs: HANG_MS });
    await until(() => beats >= 20, 'the event loop goes on');
    setLink(NAME, true);
    expect(await sending).to.include({ sent: 1, expired: 0 });
    clearInterval(timer);
    seen('the event loop goes on; sent when the link was up');
  });

  row('L7', 'opens while the link is down, and receives when it is up', async (seen) => {
    setLink(NAME, false);
    const recorder = new SocketRecorder(NAME);
    const media = new SocketCANMedia(NAME, 8);
    expect([recorder.socket.state, media.state]).to.deep.equal(['down', 'down']);
    recorder.follow().receive();
    media.start(() => undefined, false);
    const traffic = new NumberedTraffic(NAME);
    await until(() => traffic.refused > 5, 'the traffic meets the link down');
    expect(await recorder.socket.send(frame, { timeoutMs: 20 })).to.include({
      sent: 0,
      expired: 1,
    });
    expect(await media.send(envelopes(false, '124#'), after(20))).to.equal(0);
    const waiting = media.send(envelopes(false, '7FF#'), after(HANG_MS));
    const up = setLink(NAME, true);
    const again = await recovery(recorder, traffic, up);
    await recorder.until('up');
    expect(await waiting).to.equal(1);
    traffic.stop();
    await recorder.frames(traffic.numbers.length + 1);
    expect(recorder.numbers.filter((number) => number !== 0x7ff)).to.deep.equal(traffic.numbers);
    expect(recorder.events).to.deep.equal(['up']);
    recorder.checkTimes();
    await media.close();
    seen(`opens with state 'down'; first frame ${again} of the link being up`);
  });
});
