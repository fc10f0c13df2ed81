import { expect } from 'chai';
import { DataFrame, FrameFormat, SocketCANMedia, type ReceivedEnvelope } from '../../src';
import { addVcan, cansend, removeLink } from '../support/kernel/guest';
import { threadIds, threadsBeside, threadStatus } from '../support/processes/threads';
import { after, HANG_MS, until } from '../support/waiting/until';

/** An interface that only this test uses. */
const NAME = 'vcan7';

/** How many times a thread has blocked, for example in poll(2). */
function waits(thread: number): number {
  return Number(threadStatus(thread, 'voluntary_ctxt_switches'));
}

describe('SocketCANMedia on a vcan', () => {
  const open: SocketCANMedia[] = [];

  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
    removeLink(NAME);
  });

  it('exchanges frames with another media, and timestamps them within the exchange', async () => {
    const a = new SocketCANMedia(NAME, 12);
    const b = new SocketCANMedia(NAME, 64);
    open.push(a, b);
    expect(a.mtu).to.equal(12);
    expect(b.mtu).to.equal(64);
    expect(a.interfaceName).to.equal(NAME);
    expect(a.numberOfAcceptanceFilters).to.equal(512);

    const bare = threadIds();
    const received: ReceivedEnvelope[] = [];
    a.start((frames) => received.push(...frames), false);
    b.start((frames) => {
      void b.send(
        frames.map(({ frame }) => ({ frame, loopback: false })),
        after(HANG_MS),
      );
    }, true);
    await until(() => threadsBeside(bare).length > 0, 'the poller thread runs');
    cansend(NAME, '7FF#');
    await until(() => received.length === 2, 'a frame and its answer');
    received.length = 0;
    // The test of pycyphal sleeps for 2 s here, so that poll(2) times out. The thread blocks in
    // poll(2) once after the frame that it has just received, and again after a timeout.
    const [thread = 0] = threadsBeside(bare);
    const idle = waits(thread);
    await until(() => waits(thread) >= idle + 2, 'poll(2) times out in the poller thread');

    const beginMonotonic = process.hrtime.bigint();
    const beginSystem = BigInt(Date.now()) * 1_000_000n;
    const data = new Uint8Array([1, 2, 3, 4, 5, 6]);
    const long = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    const sent = await a.send(
      [
        { frame: new DataFrame(FrameFormat.Base, 0x123, data), loopback: true },
        { frame: new DataFrame(FrameFormat.Extended, 0x1badc0fe, long), loopback: true },
      ],
      after(HANG_MS),
    );
    expect(sent).to.equal(2);
    const alone = {
      frame: new DataFrame(FrameFormat.Extended, 0x1ff45678, new Uint8Array()),
      loopback: false,
    };
    expect(await a.send([alone], after(HANG_MS))).to.equal(1);

    await until(() => received.length >= 5, 'five frames');
    const endMonotonic = process.hrtime.bigint();
    const endSystem = BigInt(Date.now() + 1) * 1_000_000n;

    // A sixth frame would arrive before this one.
    const last = new DataFrame(FrameFormat.Base, 0x7ff, new Uint8Array());
    const request = { frame: last, loopback: true };
    expect(await a.send([request], after(HANG_MS))).to.equal(1);
    await until(() => received.length >= 7, 'the last frame and its answer');
    expect(received.slice(5).every(({ frame }) => frame.identifier === 0x7ff)).to.equal(true);
    received.length = 5;

    const own = received.filter(({ loopback }) => loopback);
    const others = received.filter(({ loopback }) => !loopback);
    expect(own.map(({ frame }) => frame.identifier)).to.deep.equal([0x123, 0x1badc0fe]);
    expect(others.map(({ frame }) => frame.identifier)).to.deep.equal([0x123, 0x1badc0fe, 0x1ff45678]);
    expect(own.map(({ frame }) => frame.format)).to.deep.equal([11, 29]);
    expect(others.map(({ frame }) => [...frame.data])).to.deep.equal([[...data], [...long], []]);
    for (const { timestamp } of received) {
      expect(timestamp.monotonicNs >= beginMonotonic && timestamp.monotonicNs <= endMonotonic).to.equal(true);
      expect(timestamp.systemNs >= beginSystem && timestamp.systemNs <= endSystem).to.equal(true);
    }

    await a.close();
    await b.close();
    await a.close();
    // The kernel lists a thread for a moment after it has ended.
    await until(() => threadsBeside(bare).length === 0, 'the poller thread has ended');
  });
});
