import { expect } from 'chai';
import { CANSocket, DataFrame, FrameFormat, type ReceivedFrame } from '../../../src';
import { clock_gettime } from '../../../src/libc/clock';
import { CLOCK_REALTIME } from '../../../src/libc/constants';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { isGuest, setLink } from '../../support/kernel/link';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { HANG_MS, until } from '../../support/waiting/until';
import { keepThread } from '../../support/processes/keep-thread';
import { row } from '../../support/rows/row';
import { clockOffset, setClockOffset } from '../../support/kernel/system';

const NAME = 'vcan7';
const SECOND = 1_000_000_000n;
const STEPS = [3600n * SECOND, -3600n * SECOND, SECOND / 20n, -SECOND / 20n];

/** A received frame and when this thread had it, monotonic ns. */
interface Had extends ReceivedFrame {
  readonly calledNs: bigint;
}

function text(step: bigint): string {
  const seconds = Number(step) / 1e9;
  return `${seconds > 0 ? '+' : ''}${seconds} s`;
}

async function have(had: readonly Had[], count: number): Promise<void> {
  await until(() => had.length >= count, `${count} frames`);
  expect(had.length).to.equal(count);
}

// A user's machine keeps its clock: the reporter lists these rows as skipped there.
(isGuest() ? describe : describe.skip)('The system clock is set, in the guest', () => {
  keepThread();
  const offset = clockOffset();
  let socket: CANSocket;
  let had: Had[];
  let openedNs: bigint;

  function receive(): void {
    socket.on('frames', (frames) => {
      const calledNs = process.hrtime.bigint();
      had.push(...frames.map((each) => ({ ...each, calledNs })));
    });
  }

  beforeEach(() => {
    addVcan(NAME);
    openedNs = process.hrtime.bigint();
    socket = new CANSocket(NAME);
    had = [];
  });
  afterEach(async () => {
    await socket.close();
    removeLink(NAME);
    setClockOffset(offset);
  });

  row('S10', 'keeps monotonic times right when the clock steps by +-3600 s and +-50 ms under traffic', async (seen) => {
    receive();
    const traffic = new NumberedTraffic(NAME, 0);
    let ahead = offset;
    /** The first frames after each step, with the system's time before they were sent and when they were here. */
    const stepped: { number: number; from: bigint; to: bigint }[] = [];
    for (const step of [...STEPS, ...STEPS]) {
      for (let i = 0; i < 4; i++) {
        traffic.write(5);
        await have(had, traffic.numbers.length);
      }
      setClockOffset((ahead += step));
      const number = traffic.numbers.length;
      const from = clock_gettime(CLOCK_REALTIME);
      traffic.write();
      await have(had, traffic.numbers.length);
      stepped.push({ number, from, to: clock_gettime(CLOCK_REALTIME) });
    }
    traffic.write(10);
    await have(had, traffic.numbers.length);
    setClockOffset(offset);
    for (const [index, { timestamp, calledNs }] of had.entries()) {
      const sent = traffic.accepted[index]?.ns ?? 0n;
      const { monotonicNs } = timestamp;
      expect(monotonicNs >= sent, `frame ${index} is received before it was sent`).to.equal(true);
      expect(monotonicNs <= calledNs, `frame ${index} is received after it was here`).to.equal(true);
      const previous = had[index - 1]?.timestamp.monotonicNs ?? 0n;
      expect(monotonicNs >= previous, `frame ${index} is before the last`).to.equal(true);
    }
    // The system's time is the kernel's, and steps with its clock.
    for (const { number, from, to } of stepped) {
      const systemNs = had[number]?.timestamp.systemNs ?? 0n;
      expect(systemNs >= from && systemNs <= to, `frame ${number}: ${systemNs}`).to.equal(true);
    }
    seen(`monotonic times of all ${had.length} frames between sending and receiving, and in order`);
  });

  for (const step of STEPS) {
    row(
      'S10q',
      `keeps times in order when the clock steps by ${text(step)} between arrival and reading`,
      async (seen) => {
        const traffic = new NumberedTraffic(NAME, 0);
        traffic.write(100);
        setClockOffset(offset + step);
        receive();
        await have(had, 100);
        traffic.write(100);
        await have(had, 200);
        setClockOffset(offset);
        let last = openedNs;
        for (const [index, { timestamp, calledNs }] of had.entries()) {
          const { monotonicNs } = timestamp;
          expect(monotonicNs >= last && monotonicNs <= calledNs, `frame ${index}`).to.equal(true);
          // Those that came after the step are right again.
          if (index >= 100) expect(monotonicNs >= (traffic.accepted[index]?.ns ?? 0n)).to.equal(true);
          last = monotonicNs;
        }
        seen('none earlier than the socket, none later than its reading; in order; right after that');
      },
    );
  }

  row('S10s', 'ends sends by the monotonic clock when the system clock steps', async (seen) => {
    const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());
    setLink(NAME, false);
    for (const step of STEPS) {
      const begin = process.hrtime.bigint();
      const sending = socket.send(frame, { timeoutMs: 200 });
      setClockOffset(offset + step);
      expect(await sending, text(step)).to.include({ sent: 0, expired: 1 });
      // A step forward does not end it early; a step back of an hour would make this test hang.
      const took = process.hrtime.bigint() - begin;
      expect(took >= SECOND / 5n, String(took)).to.equal(true);
    }
    const waiting = socket.send(frame, { timeoutMs: HANG_MS });
    setClockOffset(offset + 3600n * SECOND);
    setLink(NAME, true);
    expect(await waiting).to.include({ sent: 1, expired: 0 });
    setClockOffset(offset); // mocha, too, looks at it.
    seen('deadlines are those of the monotonic clock');
  });

  row('S10l', "reports 'down' and 'up' with right times when the clock steps", async (seen) => {
    const times: bigint[] = [];
    for (const event of ['down', 'up'] as const) {
      socket.on(event, ({ monotonicNs }) => times.push(monotonicNs));
    }
    for (const [index, step] of STEPS.entries()) {
      const before = setLink(NAME, index % 2 !== 0);
      setClockOffset(offset + step);
      await until(() => times.length > index, `'down' or 'up' at ${text(step)}`);
      const [time = 0n] = times.slice(index);
      expect(time >= before && time <= process.hrtime.bigint(), text(step)).to.equal(true);
    }
    setClockOffset(offset);
    seen("the times of 'down' and 'up' are between the change and the telling");
  });
});
