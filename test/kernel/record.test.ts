import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataFrame, FrameFormat, SocketCANMedia, type ReceivedEnvelope } from '../../src';
import { threadCount } from '../support/processes/process';
import { after, until } from '../support/waiting/until';

describe("SocketCANMedia: the reference's test of record", () => {
  it('exchanges frames with an echoing media as PyUAVCAN does, stamped within the exchange', async () => {
    const a = new SocketCANMedia('vcan0', 12);
    const b = new SocketCANMedia('vcan0', 64);
    expect(a.mtu).to.equal(12);
    expect(b.mtu).to.equal(64);
    expect(a.interfaceName).to.equal('vcan0');
    expect(a.numberOfAcceptanceFilters).to.equal(512);

    const bare = threadCount();
    const received: ReceivedEnvelope[] = [];
    a.start((frames) => received.push(...frames), false);
    b.start((frames) => {
      void b.send(
        frames.map(({ frame }) => ({ frame, loopback: false })),
        after(1000),
      );
    }, true);
    await until(() => threadCount() > bare, 'the poller thread runs');
    await sleep(2000); // Past the timeout of poll(2), as the reference's test does.

    const beginMonotonic = process.hrtime.bigint();
    const beginSystem = BigInt(Date.now()) * 1_000_000n;
    const data = new Uint8Array([1, 2, 3, 4, 5, 6]);
    const long = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    const sent = await a.send(
      [
        { frame: new DataFrame(FrameFormat.Base, 0x123, data), loopback: true },
        { frame: new DataFrame(FrameFormat.Extended, 0x1badc0fe, long), loopback: true },
      ],
      after(1000),
    );
    expect(sent).to.equal(2);
    const alone = {
      frame: new DataFrame(FrameFormat.Extended, 0x1ff45678, new Uint8Array()),
      loopback: false,
    };
    expect(await a.send([alone], after(1000))).to.equal(1);

    await until(() => received.length >= 5, 'five frames');
    await sleep(100);
    const endMonotonic = process.hrtime.bigint();
    const endSystem = BigInt(Date.now() + 1) * 1_000_000n;
    expect(received).to.have.lengthOf(5);

    const own = received.filter(({ loopback }) => loopback);
    const others = received.filter(({ loopback }) => !loopback);
    expect(own.map(({ frame }) => frame.identifier)).to.deep.equal([0x123, 0x1badc0fe]);
    expect(others.map(({ frame }) => frame.identifier)).to.deep.equal([
      0x123, 0x1badc0fe, 0x1ff45678,
    ]);
    expect(own.map(({ frame }) => frame.format)).to.deep.equal([11, 29]);
    expect(others.map(({ frame }) => [...frame.data])).to.deep.equal([[...data], [...long], []]);
    for (const { timestamp } of received) {
      expect(
        timestamp.monotonicNs >= beginMonotonic && timestamp.monotonicNs <= endMonotonic,
      ).to.equal(true);
      expect(timestamp.systemNs >= beginSystem && timestamp.systemNs <= endSystem).to.equal(true);
    }

    await a.close();
    await b.close();
    await a.close();
    expect(threadCount()).to.equal(bare);
  });
});
