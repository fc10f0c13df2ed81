import { expect } from 'chai';
import { parseFrame } from '../../../../src';
import { keepThread } from '../../../virtual/probe';
import { FakeClock, MS } from '../../../support/fakes/clock';
import { until } from '../../../support/waiting/until';
import { Bridged, newBus, Node, numberedFrame, sumOf } from './support';

/** Enough frames for a machine so slow that each circulates only a few times per second. */
const MANY = Array.from({ length: 50 }, (_, n) => numberedFrame(n));

describe('The loop check of bridges', () => {
  keepThread();

  it('lets two bridges find their loop, count every frame, and leave the buses quiet', async () => {
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

  it('lets two one-way bridges in a ring find their loop', async () => {
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

  it('reports no loop when filters divide the identifiers between two bridges', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    const odd = { filters: [{ identifier: 1, mask: 1 }] };
    const even = { filters: [{ identifier: 0, mask: 1 }] };
    await using first = new Bridged(a, b, { forth: odd, back: odd });
    await using second = new Bridged(a, b, { forth: even, back: even });
    await left.socket.send([numberedFrame(2), numberedFrame(3)]);
    await until(() => right.texts.length === 2, 'both pass');
    for (const socket of [...first.sockets, ...second.sockets]) await socket.drain();
    expect([first.statistics().forwarded, second.statistics().forwarded]).to.deep.equal([1, 1]);
  });

  it('reports no loop when one bridge forwards equal frames both ways at a high rate', async () => {
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
