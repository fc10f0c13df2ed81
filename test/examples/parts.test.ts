import { expect } from 'chai';
import { forward } from '../../examples/gateway';
import { sendPeriodically } from '../../examples/periodic';
import { request } from '../../examples/request';
import { CANSocket, DataFrame, FrameFormat, parseFrame, VirtualBus, type Frame } from '../../src';
import { block } from '../support/processes/process';
import { rejection } from '../support/asserts/thrown';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { HANG_MS, until } from '../support/waiting/until';

const isAnswer = (frame: Frame): frame is DataFrame => frame instanceof DataFrame && frame.identifier === 0x7e8;
const numbered = (n: number): DataFrame => new DataFrame(FrameFormat.Base, 0x180, Uint8Array.of(n & 0xff, n >> 8));

const PERIOD_MS = 5;
const PERIOD_NS = 5_000_000n;

describe('The parts of the examples', () => {
  const [a, b] = [VirtualBus.get('examples a'), VirtualBus.get('examples b')];
  let sockets: CANSocket[];
  const open = (bus: VirtualBus): CANSocket => {
    const socket = new CANSocket(bus.interfaceName);
    sockets.push(socket);
    return socket;
  };
  beforeEach(() => {
    a.reset();
    b.reset();
    sockets = [];
  });
  afterEach(async () => {
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  describe('a request', () => {
    const question = parseFrame('7DF#0201');

    it('resolves with the first answer after it, not with one that was waiting', async () => {
      const [tester, ecu] = [open(a), open(a)];
      await ecu.send(parseFrame('7E8#AA'), LONG_TIMEOUT);
      ecu.on('frames', () => void ecu.send([parseFrame('123#'), parseFrame('7E8#BB')], LONG_TIMEOUT));
      const answer = await request(tester, question, isAnswer, HANG_MS);
      expect(String(answer)).to.equal('7E8#BB');
    });

    it('rejects when nobody answers, and leaves the socket open without listeners', async () => {
      const tester = open(a);
      const error = await rejection(request(tester, question, isAnswer, 50));
      expect(error).to.have.property('code', 'ABORT_ERR');
      expect(tester.listenerCount('frames')).to.equal(0);
      expect(tester.state).to.equal('up');
    });

    it('rejects when the link is down until the time limit', async () => {
      const tester = open(a);
      a.startRecording();
      a.down();
      const error = await rejection(request(tester, question, isAnswer, 50));
      expect(error).to.have.property('code', 'ABORT_ERR');
      expect(a.stopRecording()).to.deep.equal([]);
    });
  });

  describe('a gateway', () => {
    it('forwards every frame both ways, in order, once', async () => {
      const [left, right] = [open(a), open(b)];
      const ways = [forward(left, right, HANG_MS), forward(right, left, HANG_MS)];
      const [atA, atB] = [open(a), open(b)];
      const seen: string[][] = [[], []];
      for (const [index, socket] of [atA, atB].entries()) {
        socket.on('frames', (frames) => {
          for (const { frame } of frames) seen[index]?.push(String(frame));
        });
      }
      const frames = Array.from({ length: 500 }, (_, n) => numbered(n));
      await Promise.all([atA.send(frames, LONG_TIMEOUT), atB.send(frames, LONG_TIMEOUT)]);
      await until(() => ways.every(({ forwarded }) => forwarded === 500), '500 forwarded each way');
      // A frame that goes round would come before this one, which goes out last.
      const last = parseFrame('7FF#');
      await Promise.all([left.send(last, LONG_TIMEOUT), right.send(last, LONG_TIMEOUT)]);
      await until(() => seen.every((texts) => texts.at(-1) === '7FF#'), 'the last frame each way');
      for (const texts of seen) texts.pop();
      expect(seen).to.deep.equal([frames.map(String), frames.map(String)]);
      for (const way of ways) {
        expect(way).to.deep.equal({ received: 500, forwarded: 500, expired: 0, refused: 0 });
      }
    });

    it('counts frames that expire while a link is down', async () => {
      const way = forward(open(a), open(b), 50);
      const source = open(a);
      b.down();
      await source.send([numbered(1), numbered(2)], LONG_TIMEOUT);
      await until(() => way.expired === 2, 'two frames have expired');
      expect(way).to.deep.equal({ received: 2, forwarded: 0, expired: 2, refused: 0 });
    });

    it('counts frames that the other bus refuses, and forwards later frames', async () => {
      b.configure({ mtu: 16 });
      const way = forward(open(a), open(b), HANG_MS);
      const source = open(a);
      await source.send(numbered(1), LONG_TIMEOUT);
      await until(() => way.forwarded === 1, 'the first frame is forwarded');
      await source.send(parseFrame('123##1AABB'), LONG_TIMEOUT);
      await until(() => way.refused === 1, 'the CAN FD frame is refused');
      b.down();
      await source.send(numbered(2), LONG_TIMEOUT);
      await until(() => way.received === 3, 'the gateway has the last frame');
      b.up();
      await until(() => way.forwarded === 2, 'the last frame is forwarded');
      expect(way).to.deep.equal({ received: 3, forwarded: 2, expired: 0, refused: 1 });
    });
  });

  describe('a periodic sender', () => {
    it('sends no frame before its period, and skips periods in which it was busy', async () => {
      const [sender, receiver] = [open(a), open(a)];
      const seen: { n: number; at: bigint }[] = [];
      receiver.on('frames', (frames) => {
        for (const { frame, timestamp } of frames) {
          const [low = 0, high = 0] = (frame as DataFrame).data;
          seen.push({ n: low + 256 * high, at: timestamp.monotonicNs });
        }
      });
      const controller = new AbortController();
      const startNs = process.hrtime.bigint();
      const sending = sendPeriodically(sender, numbered, PERIOD_MS, controller.signal);
      await until(() => seen.length >= 3, 'three frames');
      block(8 * PERIOD_MS);
      const before = seen.length;
      await until(() => seen.length >= before + 3, 'three more frames');
      controller.abort();
      const { sent, expired, skipped } = await sending;
      await until(() => seen.length >= sent, 'all frames sent');
      const elapsedNs = process.hrtime.bigint() - startNs;

      // Of the eight periods, the sender may send one frame late and another one when it is due.
      expect(skipped).to.be.at.least(6);
      expect(seen).to.have.lengthOf(sent);
      // Every period since the start is counted once.
      const periods = sent + expired + skipped;
      expect(periods).to.be.above(seen.at(-1)?.n ?? 0);
      expect(BigInt(periods - 1) * PERIOD_NS <= elapsedNs, `${periods} periods`).to.equal(true);
      for (const { n, at } of seen) {
        expect(at >= startNs + BigInt(n) * PERIOD_NS, `frame ${n}`).to.equal(true);
      }
      const numbers = seen.map(({ n }) => n);
      expect(numbers).to.deep.equal([...new Set(numbers)].sort((x, y) => x - y));
    });
  });
});
