import { expect } from 'chai';
import { forward } from '../../examples/gateway';
import { sendPeriodically } from '../../examples/periodic';
import { request } from '../../examples/request';
import { CANSocket, DataFrame, FrameFormat, parseFrame, VirtualBus, type Frame } from '../../src';
import { block, sleep } from '../support/processes/process';
import { rejection } from '../support/asserts/thrown';

const isAnswer = (frame: Frame): frame is DataFrame =>
  frame instanceof DataFrame && frame.identifier === 0x7e8;
const numbered = (n: number): DataFrame =>
  new DataFrame(FrameFormat.Base, 0x180, Uint8Array.of(n & 0xff, n >> 8));

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

    it('is answered by the first answer after it, not by one that was waiting', async () => {
      const [tester, ecu] = [open(a), open(a)];
      await ecu.send(parseFrame('7E8#AA'));
      ecu.on('frames', () => void ecu.send([parseFrame('123#'), parseFrame('7E8#BB')]));
      expect(String(await request(tester, question, isAnswer))).to.equal('7E8#BB');
    });

    it('is rejected when nobody answers, and leaves the socket as it was', async () => {
      const tester = open(a);
      const error = await rejection(request(tester, question, isAnswer, 50));
      expect(error).to.have.property('code', 'ABORT_ERR');
      expect(tester.listenerCount('frames')).to.equal(0);
      expect(tester.state).to.equal('up');
    });

    it('is rejected when the link is down for longer', async () => {
      const tester = open(a);
      a.startRecording();
      a.down();
      const error = await rejection(request(tester, question, isAnswer, 50));
      expect(error).to.have.property('code', 'ABORT_ERR');
      expect(a.stopRecording()).to.deep.equal([]);
    });
  });

  describe('a gateway', () => {
    it('passes every frame on, both ways, in order', async () => {
      const [left, right] = [open(a), open(b)];
      const ways = [forward(left, right), forward(right, left)];
      const [atA, atB] = [open(a), open(b)];
      const seen: string[][] = [[], []];
      for (const [index, socket] of [atA, atB].entries()) {
        socket.on('frames', (frames) => {
          for (const { frame } of frames) seen[index]?.push(String(frame));
        });
      }
      const frames = Array.from({ length: 500 }, (_, n) => numbered(n));
      await Promise.all([atA.send(frames), atB.send(frames)]);
      while (seen.some((texts) => texts.length < frames.length)) await sleep(10);
      await sleep(50);
      expect(seen).to.deep.equal([frames.map(String), frames.map(String)]);
      for (const way of ways) {
        expect(way).to.deep.equal({ received: 500, forwarded: 500, expired: 0, refused: 0 });
      }
    });

    it('accounts for what expired while a link was down, and for what is no frame of that bus', async () => {
      b.configure({ mtu: 16 });
      const [left, right] = [open(a), open(b)];
      const way = forward(left, right);
      const source = open(a);
      await source.send(numbered(1));
      while (way.forwarded < 1) await sleep(5);
      b.down();
      await source.send([numbered(2), numbered(3)]);
      while (way.expired < 2) await sleep(5);
      b.up();
      await source.send(parseFrame('123##1AABB'));
      while (way.refused < 1) await sleep(5);
      await source.send(numbered(4));
      while (way.forwarded < 2) await sleep(5);
      expect(way).to.deep.equal({ received: 5, forwarded: 2, expired: 2, refused: 1 });
    });
  });

  describe('a periodic sender', () => {
    it('sends the n-th frame not before n periods, and skips those it was busy for', async () => {
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
      const sending = sendPeriodically(sender, numbered, 5, controller.signal);
      await sleep(50);
      block(40);
      await sleep(50);
      controller.abort();
      const { sent, expired, skipped } = await sending;
      while (seen.length < sent) await sleep(5);

      expect(skipped).to.be.at.least(5);
      const last = seen.at(-1)?.n ?? 0;
      expect(sent + expired + skipped).to.be.within(last + 1, last + 2);
      for (const { n, at } of seen) {
        expect(at >= startNs + BigInt(n) * 5_000_000n, `frame ${n}`).to.equal(true);
      }
      const numbers = seen.map(({ n }) => n);
      expect(numbers).to.deep.equal([...new Set(numbers)].sort((x, y) => x - y));
    });
  });
});
