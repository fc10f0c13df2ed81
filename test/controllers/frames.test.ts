import { expect } from 'chai';
import { CANSocket, DataFrame, FrameFormat, listInterfaces, RemoteFrame, SocketCANMedia, type Frame } from '../../src';
import { tc } from '../support/kernel/guest';
import { after } from '../support/waiting/until';
import { ListeningSocket } from '../support/sockets/listening-socket';
import { row } from '../support/rows/row';
import { rejection } from '../support/asserts/thrown';
import { needControllers, Netdev, numbered, pace, LONG_TIMEOUT, roomy, texts } from './bus';
import { FrameAudit } from './frame-audit';

const { Base, Extended } = FrameFormat;

/** Data frames of all lengths and remote frames of length 0, base and extended. */
function allKinds(): Frame[] {
  const frames: Frame[] = [new RemoteFrame(Base, 0x7ff, 0), new RemoteFrame(Extended, 0x7ff, 0)];
  for (let length = 0; length <= 8; length++) {
    const data = Uint8Array.from({ length }, (_, i) => 0xf0 + i);
    frames.push(new DataFrame(Base, 0x7f0 + length, data));
    frames.push(new DataFrame(Extended, 0x1ffffff0 + length, data));
  }
  return frames;
}

describe('Frames of two controllers', () => {
  needControllers();
  row('C1', 'delivers data frames of 0 to 8 bytes and remote frames, base and extended, both ways', async (seen) => {
    const [a, b] = [new ListeningSocket('can0'), new ListeningSocket('can1')];
    const frames = allKinds();
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      // One at a time, since the receiver has room for 4.
      for (const [index, frame] of frames.entries()) {
        expect(await from.socket.send(frame, LONG_TIMEOUT)).to.include({ sent: 1, expired: 0 });
        await to.until(index + 1);
      }
      expect(to.texts).to.deep.equal(texts(frames));
      expect(to.received.some(({ own, local }) => own || local)).to.equal(false);
      expect(from.received).to.have.lengthOf(from === a ? 0 : frames.length);
    }
    seen(`${frames.length} each way, the same and in order; none is marked own or local`);
  });

  row('C2', 'delivers 2000 frames each way at once, in order, with times that never decrease', async (seen) => {
    // Without the pace of a wire the emulated receiver is overrun all the time; with it, sometimes.
    for (const name of ['can0', 'can1']) pace(name);
    const ways = [new FrameAudit('can0', 'can1'), new FrameAudit('can1', 'can0')] as const;
    const [a, b] = [roomy('can0'), roomy('can1')];
    const [forth, back] = [numbered(2000), numbered(2000, 0x10000)];
    const begin = process.hrtime.bigint();
    const results = await Promise.all([a.socket.send(forth, LONG_TIMEOUT), b.socket.send(back, LONG_TIMEOUT)]);
    expect(results.map(({ sent }) => sent)).to.deep.equal([2000, 2000]);
    const lost = [await ways[0].check(forth), await ways[1].check(back)];
    const end = process.hrtime.bigint();
    for (const name of ['can0', 'can1']) tc('qdisc', 'del', 'dev', name, 'root');
    for (const { received } of [a, b]) {
      let last = begin;
      for (const { timestamp } of received) {
        expect(timestamp.monotonicNs >= last, 'time decreases').to.equal(true);
        last = timestamp.monotonicNs;
      }
      expect(last <= end).to.equal(true);
    }
    const { retries } = a.statistics;
    const overruns = ways.map(({ into }) => into.overruns);
    seen('each way in order; times never decrease and lie within the sending');
    seen(`the controllers lost ${lost.join(' and ')} in ${overruns.join(' and ')} overruns`);
    seen(`${retries} waits for room, ${(end - begin) / 4_000_000n} us a frame`);
  });

  row('C3', 'delivers frames to another socket on the same interface, marked as local', async (seen) => {
    const [a, other, audit] = [new CANSocket('can0'), roomy('can0'), new FrameAudit('can0', 'can1')];
    const frames = numbered(100);
    await a.send(frames, LONG_TIMEOUT);
    await other.until(100);
    expect(other.texts).to.deep.equal(texts(frames));
    await audit.check(frames);
    expect(other.received.every(({ own, local }) => local && !own)).to.equal(true);
    await a.close();
    seen('100 of 100, marked local: the driver gives them back when they have been sent');
  });

  row(
    'C4',
    'rejects a CAN FD frame to a classic controller, and sends classic frames before and after',
    async (seen) => {
      const [socket, b, netdev] = [new CANSocket('can0'), roomy('can1'), new Netdev('can0')];
      const short = new DataFrame(Base, 0x123, new Uint8Array(8), { fd: true });
      const error = await rejection(socket.send([new DataFrame(Base, 1, new Uint8Array()), short]));
      expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', sent: 1 });
      expect(error.message).to.match(/its MTU is 16/);
      expect(socket.statistics).to.include({ sent: 1, refused: 1 });
      await socket.send(new DataFrame(Base, 2, new Uint8Array()), LONG_TIMEOUT);
      await b.until(2);
      expect(b.texts).to.deep.equal(['001#', '002#']);
      expect(netdev.sent).to.equal(2);
      await socket.close();
      seen('ERR_SOCKETCAN_CONFIGURATION; the classic frames before and after it are on the bus');
    },
  );

  row('C5', 'rejects 12 bytes from a media of MTU 64 on a classic controller', async (seen) => {
    const media = new SocketCANMedia('can0', 64);
    const b = roomy('can1');
    const envelope = (length: number) => ({
      frame: new DataFrame(Extended, length, new Uint8Array(length)),
      loopback: false,
    });
    const error = await rejection(media.send([envelope(12)], after(5000)));
    expect(error).to.have.property('code', 'ERR_SOCKETCAN_CONFIGURATION');
    await media.close();
    const classic = new SocketCANMedia('can0', 8);
    expect(await classic.send([envelope(8)], after(LONG_TIMEOUT.timeoutMs))).to.equal(1);
    await b.until(1);
    expect(b.texts).to.deep.equal(['00000008#0000000000000000']);
    await classic.close();
    seen('ERR_SOCKETCAN_CONFIGURATION; a media of MTU 8 sends');
  });

  row('C6', 'lists both controllers with state and bit rate', (seen) => {
    const found = listInterfaces().filter(({ kind }) => kind === 'can');
    expect(found.map(({ name }) => name)).to.deep.equal(['can0', 'can1']);
    for (const each of found) {
      expect(each).to.deep.include({
        kind: 'can',
        up: true,
        carrier: true,
        mtu: 16,
        fd: false,
        txQueueLength: 10,
        state: 'error-active',
        bitrate: 500_000,
        samplePoint: 0.875,
        clock: 8_000_000,
        restartMs: 100,
        errorCounters: { tx: 0, rx: 0 },
        modes: [],
      });
      expect(each).to.have.property('deviceStatistics');
      expect(each).to.not.have.any.keys('dataBitrate', 'dataSamplePoint', 'termination');
    }
    seen("kind 'can', 500000 bit/s sampled at 0.875, clock 8 MHz, 'error-active'");
    seen('restart-ms 100, queue of 10, MTU 16');
  });
});
