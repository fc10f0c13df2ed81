import { expect } from 'chai';
import { LoopGuard } from '../../src/cli/bridge/loop-guard';
import { LoopTest, type Subject } from '../../src/cli/bridge/loop-test';
import { DataFrame, parseFrame } from '../../src';
import { keepThread } from '../virtual/probe';
import { until } from '../support/waiting/until';
import { Bridged, newBus, Node, sumOf } from './bridge-support';

const SECOND = 1e9;

function frame(n: number): DataFrame {
  return new DataFrame(29, n, Uint8Array.of(n & 255, n >> 8));
}

describe('The loop guard of a bridge', () => {
  it('suspects nothing of different frames, however many and both ways', () => {
    const guard = new LoopGuard();
    for (let n = 0; n < 20_000; n++) {
      guard.received(0, frame(n), n);
      guard.forwarded(1, frame(n));
      guard.received(1, frame(100_000 + n), n);
      guard.forwarded(0, frame(100_000 + n));
    }
    expect(guard.suspicious).to.equal(false);
  });

  it('suspects frames that come back from where they were sent to: half of all, and 100 in a second', () => {
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

  it('suspects one frame that comes 500 times in a second, and not in two', () => {
    const guard = new LoopGuard();
    for (let n = 0; n < 998; n++) guard.received(0, frame(7), (n * 2 * SECOND) / 998);
    expect(guard.suspicious).to.equal(false);
    guard.restart(3 * SECOND);
    for (let n = 0; n < 500; n++) guard.received(0, frame(7), 3 * SECOND);
    expect(guard.suspicious).to.equal(true);
    guard.restart(4 * SECOND);
    expect(guard.suspicious).to.equal(false);
  });

  it('tells frames apart by identifier, format, kind, flags, length and data', () => {
    const texts = [
      '123#',
      '124#',
      '00000123#',
      '123#R',
      '123#00',
      '123#0000',
      '123#01',
      '123##0',
      '123##1',
    ];
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

/** A bus whose traffic goes on, or stops, while forwarding pauses; its time passes in sleep() only. */
class Traffic implements Subject {
  rate = 1000;
  /** Whether it is made by the forwarding itself. */
  loop = false;
  nowNs = 0;
  held = false;
  count = 0;
  now(): number {
    return this.nowNs;
  }
  sleep(ms: number): Promise<void> {
    this.nowNs += ms * 1e6;
    if (!(this.held && this.loop)) this.count += (this.rate * ms) / 1000;
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

describe('The loop test of a bridge', () => {
  it('is sure when the traffic has stopped with the forwarding three times', async () => {
    const traffic = new Traffic();
    traffic.loop = true;
    const test = new LoopTest(traffic);
    expect(await test.run(1000)).to.equal(false);
    expect(traffic.held).to.equal(false);
    expect(await test.run(1000)).to.equal(false);
    expect(await test.run(1000)).to.equal(true);
    expect(traffic.held).to.equal(true);
  });

  it('forgets traffic that stopped by chance', async () => {
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

  it('trusts traffic that goes on for 10 s, then for longer, up to 5 minutes', async () => {
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

describe('Two bridges between the same two buses', () => {
  keepThread();

  it('are found out, and stop with every frame accounted for; the buses are quiet then', async () => {
    const [a, b] = [newBus(), newBus()];
    await using node = new Node(a);
    await using first = new Bridged(a, b);
    await using second = new Bridged(a, b);
    await node.socket.send(parseFrame('123#DEADBEEF'));
    const failure = await Promise.race([first.bridge.failure, second.bridge.failure]).catch(
      (error: unknown) => error as Error,
    );
    expect(failure.message).to.match(/there is a loop: .*--no-loop-check/s);
    await Promise.all([first.bridge.stop(), second.bridge.stop()]);
    // What the last of them sent is on its way to the node.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { length } = node.texts;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(node.texts).to.have.length(length);
    for (const bridged of [first, second]) {
      for (const way of ['forth', 'back'] as const) {
        expect(bridged.statistics(way).waiting).to.equal(0);
        expect(sumOf(bridged.statistics(way))).to.equal(bridged.statistics(way).received);
      }
    }
  });

  it('are found out in a ring of one-way bridges, too', async () => {
    const [a, b] = [newBus(), newBus()];
    await using node = new Node(a);
    await using first = new Bridged(a, b, { back: false });
    await using second = new Bridged(b, a, { back: false });
    await node.socket.send(parseFrame('123#DEADBEEF'));
    const failure = await Promise.race([first.bridge.failure, second.bridge.failure]).catch(
      (error: unknown) => error as Error,
    );
    expect(failure.message).to.match(/there is a loop/);
  });

  it('are no loop when their filters divide the identifiers', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    const odd = { filters: [{ identifier: 1, mask: 1 }] };
    const even = { filters: [{ identifier: 0, mask: 1 }] };
    await using first = new Bridged(a, b, { forth: odd, back: odd });
    await using second = new Bridged(a, b, { forth: even, back: even });
    await left.socket.send([frame(2), frame(3)]);
    await until(() => right.texts.length === 2, 'both pass');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([first.statistics().forwarded, second.statistics().forwarded]).to.deep.equal([1, 1]);
  });
});

describe('A bridge alone', () => {
  keepThread();

  it('forwards one and the same frame at any rate, both ways, and is not taken for a loop', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    await using bridged = new Bridged(a, b);
    let failed = false;
    bridged.bridge.failure.catch(() => (failed = true));
    const same = Array.from({ length: 20 }, () => parseFrame('123#00'));
    for (let round = 0; round < 60; round++) {
      await left.socket.send(same);
      await right.socket.send(same);
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    await bridged.bridge.stop();
    expect(failed).to.equal(false);
    expect(bridged.statistics()).to.include({ received: 1200, forwarded: 1200 });
    expect(bridged.statistics('back')).to.include({ received: 1200, forwarded: 1200 });
  });
});
