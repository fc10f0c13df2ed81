import { expect } from 'chai';
import { CANSocket, DataFrame, FrameFormat } from '../../../src';
import { addVcan, ip, removeLink } from '../../support/kernel/guest';
import { ipMeanwhile, setLink } from '../../support/kernel/link';
import { LinkDiary } from '../../support/sockets/link-diary';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { sleep } from '../../support/processes/process';
import { row } from '../../support/rows/row';
import { rejection } from '../../support/asserts/thrown';

const NAME = 'vcan7';
/** What is promised from the link being up to the first frame. */
const PROMISED_MS = 1000;
const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());

describe('links: flaps', () => {
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(() => {
    removeLink(NAME);
  });

  row('L1f', 'ten flaps under traffic, each waited for', async (seen) => {
    const diary = new LinkDiary(NAME).follow().receive();
    const traffic = new NumberedTraffic(NAME);
    await diary.frames(5);
    const times: number[] = [];
    for (let round = 1; round <= 10; round++) {
      setLink(NAME, false);
      await diary.until('down', round);
      times.push(await diary.recovery(traffic, setLink(NAME, true)));
      await diary.until('up', round);
    }
    traffic.stop();
    await diary.frames(traffic.numbers.length);
    expect(diary.numbers).to.deep.equal(traffic.numbers);
    expect(diary.events).to.deep.equal(Array(10).fill(['down', 'up']).flat());
    diary.checkTimes();
    expect(Math.max(...times)).to.be.at.most(PROMISED_MS);
    seen(
      `each told; traffic again within ${Math.max(...times).toFixed(1)} ms; ${traffic.numbers.length} frames, none lost`,
    );
  });

  for (const [what, pauseMs] of [
    ['without a pause', 0],
    ['5 ms apart', 5],
  ] as const) {
    row('L1f', `ten flaps under traffic ${what}, not waited for`, async (seen) => {
      const diary = new LinkDiary(NAME).follow().receive();
      const traffic = new NumberedTraffic(NAME);
      await diary.frames(5);
      let last = 0n;
      for (let flap = 0; flap < 10; flap++) {
        setLink(NAME, false);
        if (pauseMs > 0) await sleep(pauseMs);
        last = setLink(NAME, true);
        // The first is refused: it takes the error of its own socket.
        traffic.write(3);
        if (pauseMs > 0) await sleep(pauseMs);
      }
      const ms = await diary.recovery(traffic, last);
      traffic.stop();
      await diary.frames(traffic.numbers.length);
      await diary.until('up', 10);
      expect(diary.numbers).to.deep.equal(traffic.numbers);
      expect(diary.events).to.deep.equal(Array(10).fill(['down', 'up']).flat());
      expect(diary.socket.state).to.equal('up');
      diary.checkTimes();
      expect(ms).to.be.at.most(PROMISED_MS);
      seen(
        `each told, in order; ${traffic.numbers.length} frames, none lost; again within ${ms.toFixed(1)} ms`,
      );
    });
  }

  row('L5', 'MTU 72 to 16 and back while open', async (seen) => {
    const listener = new ListeningSocket(NAME);
    const { socket } = new LinkDiary(NAME);
    const setMTU = (mtu: number) => {
      ip('link', 'set', NAME, 'down');
      ip('link', 'set', NAME, 'mtu', String(mtu), 'up');
    };
    const refused = await rejection(ipMeanwhile('link', 'set', NAME, 'mtu', '16'));
    expect(refused.message).to.include('Device or resource busy');
    setMTU(16);
    for (const length of [0, 8, 12, 64]) {
      const fd = new DataFrame(FrameFormat.Base, 1, new Uint8Array(length), { fd: true });
      await refusesFD(socket, fd);
    }
    expect(await socket.send(frame)).to.include({ sent: 1 });
    await listener.until(1);
    setMTU(72);
    const fd = new DataFrame(FrameFormat.Base, 0x124, Uint8Array.of(1), { fd: true });
    expect(await socket.send([fd, frame])).to.include({ sent: 2, expired: 0 });
    await listener.until(3);
    expect(listener.texts).to.deep.equal(['123#', '124##001', '123#']);
    expect(socket.state).to.equal('up');
    seen(
      'CAN FD: ERR_SOCKETCAN_CONFIGURATION naming the MTU; classic both ways; CAN FD again at 72',
    );
  });
});

async function refusesFD(socket: CANSocket, fd: DataFrame): Promise<void> {
  const error = await rejection(socket.send(fd));
  expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', interface: NAME, sent: 0 });
  expect(error.message).to.include('its MTU is 16, CAN FD needs 72');
  expect(error.cause).to.include({ code: 'EINVAL', syscall: 'sendmmsg' });
}
