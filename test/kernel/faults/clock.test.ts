import { expect } from 'chai';
import { CANSocket, DataFrame, FrameFormat, type ReceivedFrame } from '../../../src';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { isGuest, setLink } from '../../support/kernel/link';
import { NumberedTraffic } from '../../support/traffic/numbered-traffic';
import { sleep } from '../../support/processes/process';
import { row } from '../../support/rows/row';
import { clockOffset, setClockOffset } from '../../support/kernel/system';

const NAME = 'vcan7';
const SECOND = 1_000_000_000n;
const STEPS = [3600n * SECOND, -3600n * SECOND, SECOND / 20n, -SECOND / 20n];

/** A received frame and when this thread had it, monotonic ns. */
interface Had extends ReceivedFrame {
  readonly heardNs: bigint;
}

function text(step: bigint): string {
  const seconds = Number(step) / 1e9;
  return `${seconds > 0 ? '+' : ''}${seconds} s`;
}

/** Waits for frames; not by Date, which the steps change. */
async function have(had: readonly Had[], count: number): Promise<void> {
  for (let wait = 0; had.length < count && wait < 4000; wait++) await sleep(5);
  expect(had.length).to.equal(count);
}

// A machine's own clock is not a test's to set.
(isGuest() ? describe : () => undefined)('the system clock is set', () => {
  const offset = clockOffset();
  let socket: CANSocket;
  let had: Had[];
  let openedNs: bigint;

  function receive(): void {
    socket.on('frames', (frames) => {
      const heardNs = process.hrtime.bigint();
      had.push(...frames.map((each) => ({ ...each, heardNs })));
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

  row('S10', 'steps under traffic: +-3600 s, +-50 ms, each twice', async (seen) => {
    receive();
    const traffic = new NumberedTraffic(NAME, 0);
    let ahead = offset;
    /** Frames before each of which the clock was set, after the one before it. */
    const stepped = new Set<number>();
    for (const step of [...STEPS, ...STEPS]) {
      for (let i = 0; i < 20; i++) {
        traffic.write();
        await sleep(2);
      }
      await have(had, traffic.numbers.length);
      setClockOffset((ahead += step));
      stepped.add(traffic.numbers.length);
      traffic.write();
      await sleep(2);
    }
    traffic.write(10);
    await have(had, traffic.numbers.length);
    setClockOffset(offset);
    let worst = 0n;
    for (const [index, { timestamp, heardNs }] of had.entries()) {
      const sent = traffic.accepted[index]?.ns ?? 0n;
      const { monotonicNs } = timestamp;
      expect(monotonicNs >= sent, `frame ${index} is received before it was sent`).to.equal(true);
      expect(monotonicNs <= heardNs, `frame ${index} is received after it was here`).to.equal(true);
      const previous = had[index - 1]?.timestamp.monotonicNs ?? 0n;
      expect(monotonicNs >= previous, `frame ${index} is before the last`).to.equal(true);
      if (heardNs - monotonicNs > worst) worst = heardNs - monotonicNs;
    }
    // The system's time is the kernel's, and steps with its clock.
    for (const number of stepped) {
      const [before, after] = [had[number - 1], had[number]].map(
        (each) => (each?.timestamp.systemNs ?? 0n) - (each?.timestamp.monotonicNs ?? 0n),
      );
      const moved = (after ?? 0n) - (before ?? 0n);
      expect(
        STEPS.some((step) => Math.abs(Number(moved - step)) < 40e6),
        String(moved),
      ).to.equal(true);
    }
    seen(`monotonic times of all ${had.length} frames between sending and receiving, and in order`);
  });

  for (const step of STEPS) {
    row(
      'S10q',
      `a step of ${text(step)} between arrival and reading of 100 frames`,
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
        for (const [index, { timestamp, heardNs }] of had.entries()) {
          const { monotonicNs } = timestamp;
          expect(monotonicNs >= last && monotonicNs <= heardNs, `frame ${index}`).to.equal(true);
          // Those that came after the step are right again.
          if (index >= 100)
            expect(monotonicNs >= (traffic.accepted[index]?.ns ?? 0n)).to.equal(true);
          last = monotonicNs;
        }
        seen(
          'none earlier than the socket, none later than its reading; in order; right after that',
        );
      },
    );
  }

  row('S10s', 'steps while a send waits for its deadline, and for the link', async (seen) => {
    const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array());
    setLink(NAME, false);
    for (const step of STEPS) {
      const begin = process.hrtime.bigint();
      const sending = socket.send(frame, { timeoutMs: 200 });
      setClockOffset(offset + step);
      expect(await sending, text(step)).to.include({ sent: 0, expired: 1 });
      const took = process.hrtime.bigint() - begin;
      expect(took >= SECOND / 5n && took < 30n * SECOND, String(took)).to.equal(true);
    }
    const waiting = socket.send(frame, { timeoutMs: 20_000 });
    setClockOffset(offset + 3600n * SECOND);
    setLink(NAME, true);
    expect(await waiting).to.include({ sent: 1, expired: 0 });
    setClockOffset(offset); // mocha, too, looks at it.
    seen('deadlines are those of the monotonic clock');
  });

  row('S10l', 'steps while the link goes down and up', async (seen) => {
    const times: bigint[] = [];
    for (const event of ['down', 'up'] as const) {
      socket.on(event, ({ monotonicNs }) => times.push(monotonicNs));
    }
    for (const [index, step] of STEPS.entries()) {
      const before = setLink(NAME, index % 2 !== 0);
      setClockOffset(offset + step);
      for (let wait = 0; times.length <= index && wait < 4000; wait++) await sleep(5);
      const [time = 0n] = times.slice(index);
      expect(time >= before && time <= process.hrtime.bigint(), text(step)).to.equal(true);
    }
    setClockOffset(offset);
    seen("the times of 'down' and 'up' are between the change and the telling");
  });
});
