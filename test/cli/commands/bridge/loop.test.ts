import { expect } from 'chai';
import { LoopGuard } from '../../../../src/cli/commands/bridge/loop-guard';
import { LoopTest, type Subject } from '../../../../src/cli/commands/bridge/loop-test';
import { DataFrame, parseFrame } from '../../../../src';
import { keepThread } from '../../../virtual/probe';
import { FakeClock, MS } from '../../../support/fakes/clock';
import { until } from '../../../support/waiting/until';
import { Bridged, newBus, Node, sumOf } from './support';

const SECOND = 1e9;

function frame(n: number): DataFrame {
  return new DataFrame(29, n, Uint8Array.of(n & 255, n >> 8));
}

describe('LoopGuard', () => {
  it('does not suspect different frames, whatever their number, both ways', () => {
    const guard = new LoopGuard();
    for (let n = 0; n < 20_000; n++) {
      guard.received(0, frame(n), n);
      guard.forwarded(1, frame(n));
      guard.received(1, frame(100_000 + n), n);
      guard.forwarded(0, frame(100_000 + n));
    }
    expect(guard.suspicious).to.equal(false);
  });

  it('suspects 100 frames a second that come back from their destination, if they are half of all', () => {
    const guard = new LoopGuard();
    for (let n = 0; n < 100; n++) {
      expect(guard.suspicious).to.equal(false);
      guard.forwarded(1, frame(n));
      guard.received(1, frame(n), n);
    }
    expect(guard.suspicious).to.equal(true);
    for (let n = 0; n < 101; n++) guard.received(1, frame(1000 + n), n);
    expect(guard.suspicious).to.equal(false);
  });

  it('suspects one frame that comes 500 times in 1 s, but not in 2 s', () => {
    const guard = new LoopGuard();
    for (let n = 0; n < 998; n++) guard.received(0, frame(7), (n * 2 * SECOND) / 998);
    expect(guard.suspicious).to.equal(false);
    guard.restart(3 * SECOND);
    for (let n = 0; n < 500; n++) guard.received(0, frame(7), 3 * SECOND);
    expect(guard.suspicious).to.equal(true);
    guard.restart(4 * SECOND);
    expect(guard.suspicious).to.equal(false);
  });

  it('distinguishes frames by identifier, format, kind, flags, length and data', () => {
    const texts = ['123#', '124#', '00000123#', '123#R', '123#00', '123#0000', '123#01', '123##0', '123##1'];
    for (const sent of texts) {
      for (const received of texts) {
        const guard = new LoopGuard();
        for (let n = 0; n < 200; n++) {
          guard.forwarded(1, parseFrame(sent));
          guard.received(1, parseFrame(received), 0);
        }
        expect(guard.suspicious, `${sent} ${received}`).to.equal(sent === received);
      }
    }
  });
});

/** A bus whose traffic continues or stops while forwarding pauses. Its time passes only in sleep(). */
class Traffic implements Subject {
  rate = 1000;
  /** Whether the forwarding itself causes the traffic. */
  loop = false;
  /** The part of the rate that continues in a loop while forwarding pauses. */
  rest = 0;
  nowNs = 0;
  held = false;
  count = 0;
  now(): number {
    return this.nowNs;
  }
  sleep(ms: number): Promise<void> {
    this.nowNs += ms * 1e6;
    const part = this.held && this.loop ? this.rest : 1;
    this.count += (part * this.rate * ms) / 1000;
    return Promise.resolve();
  }
  drain(): Promise<void> {
    return Promise.resolve();
  }
  hold(): void {
    this.held = true;
  }
  release(): void {
    this.held = false;
  }
  received(): number {
    return this.count;
  }
}

describe('LoopTest', () => {
  it('finds a loop when the traffic stops with the forwarding three times in a row', async () => {
    const traffic = new Traffic();
    traffic.loop = true;
    const test = new LoopTest(traffic);
    expect(await test.run(1000)).to.equal(false);
    expect(traffic.held).to.equal(false);
    expect(await test.run(1000)).to.equal(false);
    expect(await test.run(1000)).to.equal(true);
    expect(traffic.held).to.equal(true);
  });

  for (const [rest, found] of [
    [0.24, true],
    [0.26, false],
  ] as const) {
    it(`${found ? 'finds a loop' : 'finds no loop'} when ${rest * 100} % of the traffic continues in each pause`, async () => {
      const traffic = new Traffic();
      traffic.loop = true;
      traffic.rest = rest;
      const test = new LoopTest(traffic);
      for (const last of [false, false, true]) {
        expect(await test.run(1000)).to.equal(last && found);
      }
      expect(traffic.held).to.equal(found);
    });
  }

  it('ignores traffic that stops once by chance', async () => {
    const traffic = new Traffic();
    traffic.loop = true;
    const test = new LoopTest(traffic);
    for (let i = 0; i < 10; i++) {
      expect(await test.run(1000)).to.equal(false);
      traffic.nowNs += 6 * SECOND;
    }
    for (let i = 0; i < 5; i++) {
      traffic.loop = true;
      await test.run(1000);
      expect(await test.run(1000)).to.equal(false);
      traffic.loop = false;
      expect(await test.run(1000)).to.equal(false);
    }
  });

  it('trusts traffic that continues for 10 s, later for longer, up to 5 minutes', async () => {
    const traffic = new Traffic();
    const test = new LoopTest(traffic);
    for (const seconds of [10, 30, 90, 270, 300, 300]) {
      await test.run(1000);
      expect(test.ready).to.equal(false);
      traffic.nowNs += (seconds - 1) * SECOND;
      expect(test.ready).to.equal(false);
      traffic.nowNs += SECOND;
      expect(test.ready).to.equal(true);
    }
  });
});

/** Enough for a loop that a slow machine forwards a few times a second. */
const MANY = Array.from({ length: 50 }, (_, n) => frame(n));

describe('Two bridges between the same two buses', () => {
  keepThread();

  it('find the loop, and stop with every frame accounted for and quiet buses', async () => {
    const [a, b] = [newBus(), newBus()];
    await using node = new Node(a);
    await using first = new Bridged(a, b);
    await using second = new Bridged(a, b);
    await node.socket.send(MANY);
    const failure = await Promise.race([first.bridge.failure, second.bridge.failure]).catch(
      (error: unknown) => error as Error,
    );
    expect(failure.message).to.match(/there is a loop: .*--no-loop-check/s);
    await Promise.all([first.bridge.stop(), second.bridge.stop()]);
    for (const bus of [a, b]) bus.startRecording();
    for (const { sockets } of [first, second]) {
      for (const socket of sockets) await socket.drain();
    }
    expect([...a.stopRecording(), ...b.stopRecording()]).to.deep.equal([]);
    for (const bridged of [first, second]) {
      for (const way of ['forth', 'back'] as const) {
        expect(bridged.statistics(way).waiting).to.equal(0);
        expect(sumOf(bridged.statistics(way))).to.equal(bridged.statistics(way).received);
      }
    }
  });

  it('find the loop also as one-way bridges in a ring', async () => {
    const [a, b] = [newBus(), newBus()];
    await using node = new Node(a);
    await using first = new Bridged(a, b, { back: false });
    await using second = new Bridged(b, a, { back: false });
    await node.socket.send(MANY);
    const failure = await Promise.race([first.bridge.failure, second.bridge.failure]).catch(
      (error: unknown) => error as Error,
    );
    expect(failure.message).to.match(/there is a loop/);
  });

  it('make no loop when their filters divide the identifiers', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    const odd = { filters: [{ identifier: 1, mask: 1 }] };
    const even = { filters: [{ identifier: 0, mask: 1 }] };
    await using first = new Bridged(a, b, { forth: odd, back: odd });
    await using second = new Bridged(a, b, { forth: even, back: even });
    await left.socket.send([frame(2), frame(3)]);
    await until(() => right.texts.length === 2, 'both pass');
    for (const socket of [...first.sockets, ...second.sockets]) await socket.drain();
    expect([first.statistics().forwarded, second.statistics().forwarded]).to.deep.equal([1, 1]);
  });
});

describe('One bridge', () => {
  keepThread();

  it('forwards the same frame at any rate both ways, and reports no loop', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    const clock = new FakeClock();
    await using bridged = new Bridged(a, b, { clock });
    let failed = false;
    bridged.bridge.failure.catch(() => (failed = true));
    const same = Array.from({ length: 20 }, () => parseFrame('123#00'));
    let suspected = false;
    for (let round = 0; round < 60; round++) {
      await left.socket.send(same);
      await right.socket.send(same);
      for (const socket of bridged.sockets) await socket.drain();
      suspected ||= clock.waits.length > 0;
      await clock.advance(8n * MS);
    }
    expect(suspected).to.equal(true);
    await bridged.bridge.stop();
    expect(failed).to.equal(false);
    expect(bridged.statistics()).to.include({ received: 1200, forwarded: 1200 });
    expect(bridged.statistics('back')).to.include({ received: 1200, forwarded: 1200 });
  });
});
