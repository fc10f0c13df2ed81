import { expect } from 'chai';
import { CANSocket, DataFrame, FrameFormat } from '../../../src';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { changeLink } from '../../support/kernel/rtnetlink';
import { setLink } from '../../support/kernel/link';
import { SocketRecorder } from '../../support/sockets/socket-recorder';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { recovery } from '../../support/kernel/recovery';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { sleep } from '../../support/processes/process';
import { keepThread } from '../../support/processes/keep-thread';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { row } from '../../support/rows/row';
import { rejection, thrown } from '../../support/asserts/thrown';

const NAME = 'vcan7';
const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());

describe('A link that flaps', () => {
  keepThread();
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(() => {
    removeLink(NAME);
  });

  row('L1f', 'reports ten flaps under traffic, waiting for each, and loses no frame', async (seen) => {
    const recorder = new SocketRecorder(NAME).follow().receive();
    const traffic = new NumberedTraffic(NAME);
    await recorder.frames(5);
    const times: string[] = [];
    for (let round = 1; round <= 10; round++) {
      setLink(NAME, false);
      await recorder.until('down', round);
      times.push(await recovery(recorder, traffic, setLink(NAME, true)));
      await recorder.until('up', round);
    }
    traffic.stop();
    await recorder.frames(traffic.numbers.length);
    expect(recorder.numbers).to.deep.equal(traffic.numbers);
    expect(recorder.events).to.deep.equal(Array(10).fill(['down', 'up']).flat());
    recorder.checkTimes();
    seen(`each reported; ${traffic.numbers.length} frames, none lost; again ${times.join('; ')}`);
  });

  for (const [what, pauseMs] of [
    ['without a pause', 0],
    ['5 ms apart', 5],
  ] as const) {
    row('L1f', `reports ten flaps under traffic ${what}, and loses no frame`, async (seen) => {
      const recorder = new SocketRecorder(NAME).follow().receive();
      const traffic = new NumberedTraffic(NAME);
      await recorder.frames(5);
      let last = 0n;
      for (let flap = 0; flap < 10; flap++) {
        setLink(NAME, false);
        if (pauseMs > 0) await sleep(pauseMs);
        last = setLink(NAME, true);
        // The first is refused: it takes the error of its own socket.
        traffic.write(3);
        if (pauseMs > 0) await sleep(pauseMs);
      }
      const again = await recovery(recorder, traffic, last);
      traffic.stop();
      await recorder.frames(traffic.numbers.length);
      await recorder.until('up', 10);
      expect(recorder.numbers).to.deep.equal(traffic.numbers);
      expect(recorder.events).to.deep.equal(Array(10).fill(['down', 'up']).flat());
      expect(recorder.socket.state).to.equal('up');
      recorder.checkTimes();
      seen(`each reported, in order; ${traffic.numbers.length} frames, none lost; again ${again}`);
    });
  }

  row('L5', 'rejects CAN FD frames while the MTU is 16', async (seen) => {
    const listener = new ListeningSocket(NAME);
    const { socket } = new SocketRecorder(NAME);
    const setMTU = (mtu: number) => {
      setLink(NAME, false);
      changeLink(NAME, { mtu, up: true });
    };
    const refused = thrown(() => {
      changeLink(NAME, { mtu: 16 });
    });
    expect(refused).to.include({ code: 'EBUSY' });
    setMTU(16);
    for (const length of [0, 8, 12, 64]) {
      const fd = new DataFrame(FrameFormat.Base, 1, new Uint8Array(length), { fd: true });
      await refusesFD(socket, fd);
    }
    expect(await socket.send(frame, LONG_TIMEOUT)).to.include({ sent: 1 });
    await listener.until(1);
    setMTU(72);
    const fd = new DataFrame(FrameFormat.Base, 0x124, Uint8Array.of(1), { fd: true });
    expect(await socket.send([fd, frame], LONG_TIMEOUT)).to.include({ sent: 2, expired: 0 });
    await listener.until(3);
    expect(listener.texts).to.deep.equal(['123#', '124##001', '123#']);
    expect(socket.state).to.equal('up');
    seen('CAN FD: ERR_SOCKETCAN_CONFIGURATION naming the MTU; classic both ways; CAN FD again at 72');
  });
});

async function refusesFD(socket: CANSocket, fd: DataFrame): Promise<void> {
  const error = await rejection(socket.send(fd, LONG_TIMEOUT));
  expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', interface: NAME, sent: 0 });
  expect(error.message).to.include('its MTU is 16, CAN FD needs 72');
  expect(error.cause).to.include({ code: 'EINVAL', syscall: 'send' });
}
