import { expect } from 'chai';
import { Bridge } from '../../../../src/cli/commands/bridge/bridge';
import { IdentifierMap } from '../../../../src/cli/commands/bridge/identifier-map';
import { CANSocket, DataFrame, ErrorFrame, parseFrame } from '../../../../src';
import { keepThread } from '../../../virtual/probe';
import { until } from '../../../support/waiting/until';
import { Bridged, newBus, Node, sumOf } from './support';

function numbered(count: number, first = 0): DataFrame[] {
  return Array.from({ length: count }, (_, i) => new DataFrame(29, first + i, new Uint8Array(8)));
}

describe('Bridge', () => {
  keepThread();

  it('forwards frames of all kinds both ways, unchanged, in order, and once', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    await using bridged = new Bridged(a, b);
    const forth = ['123#DEADBEEF', '1BADC0FE#', '7FF#R4', '123##3AABB', '124##0' + '11'.repeat(64)];
    const back = ['321#00', '322#R'];
    await left.socket.send(forth.map(parseFrame));
    await right.socket.send(back.map(parseFrame));
    await until(() => right.texts.length === 5 && left.texts.length === 2, 'all frames');
    expect(right.texts).to.deep.equal(forth);
    expect(left.texts).to.deep.equal(back);
    await bridged.bridge.stop();
    expect(bridged.statistics()).to.include({ received: 5, forwarded: 5, waiting: 0 });
    expect(bridged.statistics('back')).to.include({ received: 2, forwarded: 2, waiting: 0 });
  });

  it('forwards nothing back with back: false, and no error frames', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    await using bridged = new Bridged(a, b, { back: false });
    bridged.sockets[0]?.setErrorMask(0x1fffffff);
    a.inject(new ErrorFrame(0x40, new Uint8Array(8)));
    await right.socket.send(parseFrame('321#00'));
    await left.socket.send(parseFrame('123#00'));
    await until(() => right.texts.length === 1, 'the frame');
    expect(left.texts).to.deep.equal([]);
    expect(bridged.bridge.directions).to.have.length(1);
    expect(bridged.statistics().received).to.equal(1);
  });

  it('filters and maps each direction separately', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    await using bridged = new Bridged(a, b, {
      forth: { filters: [{ identifier: 0x100, mask: 0x700 }], map: new IdentifierMap(['123=456']) },
      back: { map: new IdentifierMap(['456=123']) },
    });
    await left.socket.send(['123#', '124#', '200#'].map(parseFrame));
    await right.socket.send(['456#', '200#'].map(parseFrame));
    await until(() => left.texts.length === 2 && right.texts.length === 2, 'what passes');
    expect(right.texts).to.deep.equal(['456#', '124#']);
    expect(left.texts).to.deep.equal(['123#', '200#']);
    await bridged.bridge.stop();
    expect(bridged.statistics()).to.include({ received: 3, filtered: 1, forwarded: 2 });
  });

  it('drops CAN FD frames for a classic side, and forwards them when that side returns with CAN FD', async () => {
    const [a, b] = [newBus(), newBus({ mtu: 16 })];
    await using left = new Node(a);
    await using right = new Node(b);
    await using bridged = new Bridged(a, b);
    await left.socket.send(['123##0AA', '124#'].map(parseFrame));
    await until(() => right.texts.length === 1, 'the classic frame');
    expect(bridged.statistics()).to.include({ dropped: 1, droppedFD: 1, forwarded: 1 });
    b.down();
    await until(() => bridged.sockets[1]?.state === 'down', 'the link is down');
    b.configure({ mtu: 72 });
    b.up();
    await until(() => {
      const [, socket] = bridged.sockets;
      return socket?.state === 'up' && right.socket.state === 'up';
    }, 'the link is up');
    await left.socket.send(parseFrame('125##0AA'));
    await until(() => bridged.statistics().received === 3, 'the frame');
    await until(() => right.texts.length === 2, 'the CAN FD frame');
    expect(right.texts).to.deep.equal(['124#', '125##0AA']);
  });

  it('drops only the frame that the kernel refuses, and keeps the order of the others', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    await using bridged = new Bridged(a, b);
    // The bridge looks at the MTU only when the link comes up.
    b.configure({ mtu: 16 });
    await left.socket.send(['121#', '122##0AA', '123#', '124##0AA', '125#'].map(parseFrame));
    await until(() => right.texts.length === 3, 'the classic frames');
    await bridged.bridge.stop();
    expect(right.texts).to.deep.equal(['121#', '123#', '125#']);
    expect(bridged.statistics()).to.include({ received: 5, forwarded: 3, refused: 2, waiting: 0 });
  });

  it('keeps frames up to the limit while the link is down, and drops the others', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using bridged = new Bridged(a, b, { forth: { limit: 100, timeoutMs: 3_600_000 } });
    b.down();
    await left.socket.send(numbered(250));
    await until(() => bridged.statistics().received === 250, 'all are received');
    expect(bridged.statistics()).to.include({ dropped: 150, waiting: 100, forwarded: 0 });
    b.up();
    await until(() => bridged.statistics().waiting === 0, 'they pass');
    expect(bridged.statistics()).to.include({ dropped: 150, expired: 0, forwarded: 100 });
  });

  it('expires the frames that wait for longer than the timeout', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using bridged = new Bridged(a, b, { forth: { timeoutMs: 20 } });
    b.down();
    await left.socket.send(numbered(250));
    await until(() => bridged.statistics().expired === 250, 'they expire');
    expect(bridged.statistics()).to.include({ received: 250, waiting: 0, forwarded: 0 });
  });

  it('forwards the waiting frames when the link returns, and reopens an interface that was removed', async () => {
    const [a, b] = [newBus(), newBus()];
    await using left = new Node(a);
    await using right = new Node(b);
    await using bridged = new Bridged(a, b, { forth: { timeoutMs: 10_000 } });
    b.down();
    await left.socket.send(parseFrame('001#'));
    await until(() => bridged.statistics().waiting === 1, 'it waits');
    b.up();
    await until(() => right.texts.length === 1, 'it passes');
    b.remove();
    await left.socket.send(parseFrame('002#'));
    await until(() => bridged.statistics().waiting === 1, 'it waits');
    b.add();
    await until(() => bridged.statistics().forwarded === 2, 'it passes');
    a.remove();
    await until(() => bridged.sockets[0]?.state === 'gone', 'the other side is gone');
    a.add();
    await until(() => bridged.sockets[0]?.state === 'up', 'the other side is back');
    await until(() => left.socket.state === 'up', 'the node is back');
    await left.socket.send(parseFrame('003#'));
    await until(() => bridged.statistics().forwarded === 3, 'it passes');
    expect(sumOf(bridged.statistics())).to.equal(bridged.statistics().received);
  });

  it('forwards every frame received before stop(), and none received later', async () => {
    const [a, b] = [newBus(), newBus({ bitrate: 1_000_000 })];
    await using left = new Node(a);
    await using right = new Node(b);
    await using bridged = new Bridged(a, b, { forth: { timeoutMs: 5000 } });
    await left.socket.send(numbered(200));
    const stopped = bridged.bridge.stop();
    await left.socket.send(numbered(50, 1000));
    await stopped;
    expect(bridged.statistics()).to.include({ received: 200, forwarded: 200, waiting: 0 });
    await until(() => right.texts.length === 200, 'the bus has carried them');
  });

  it('counts every frame exactly once while both buses have faults and links go down', async () => {
    for (const seed of [1, 2, 3]) {
      const faults = { drop: 0.1, duplicate: 0.1, reorder: 0.1, delay: 0.1 };
      const a = newBus({ seed, faults });
      const b = newBus({ seed: seed + 10, faults, bitrate: 1_000_000 });
      await using left = new Node(a);
      await using right = new Node(b);
      await using bridged = new Bridged(a, b, {
        forth: { limit: 300, timeoutMs: 50, filters: [{ identifier: 0, mask: 1 }] },
        back: { limit: 300, timeoutMs: 50 },
        loopCheck: false,
      });
      a.startRecording();
      /** Whether the bridge has every frame of the node that the bus passed, and no others. */
      const arrived = (): boolean => {
        const passed = a.recorded.filter(({ frame, fault }) => {
          return fault !== 'drop' && frame instanceof DataFrame && frame.identifier < 50_000;
        });
        const copies = passed.filter(({ fault }) => fault === 'duplicate').length;
        const { received, lost } = bridged.statistics();
        return received + lost === passed.length + copies;
      };
      const sends: Promise<unknown>[] = [];
      for (let round = 0; round < 10; round++) {
        await left.socket.send(numbered(100, round * 100));
        sends.push(right.socket.send(numbered(20, 50_000 + round * 20), { timeoutMs: 50 }));
        if (round % 3 === 1) b.down();
        if (round % 3 === 2) b.up();
        await until(arrived, 'the bridge has the frames that the bus passed');
      }
      b.up();
      await Promise.all(sends);
      await bridged.bridge.stop();
      for (const way of ['forth', 'back'] as const) {
        const statistics = bridged.statistics(way);
        expect(statistics.waiting).to.equal(0);
        expect(sumOf(statistics), way).to.equal(statistics.received);
      }
      expect(arrived()).to.equal(true);
      const { filtered, forwarded } = bridged.statistics();
      expect(filtered).to.be.above(400);
      const [, socket] = bridged.sockets;
      expect(socket?.statistics.sent).to.equal(forwarded);
    }
  });

  it('fails when a socket fails for good, and counts every frame', async () => {
    const [a, b] = [newBus(), newBus()];
    const sockets = [new CANSocket(a.interfaceName), new CANSocket(b.interfaceName, { reopen: false })] as const;
    const bridge = new Bridge(...sockets, { forth: { timeoutMs: 5000 } });
    await using left = new Node(a);
    b.down();
    await left.socket.send(numbered(10));
    await until(() => bridge.directions[0]?.statistics.waiting === 10, 'they wait');
    const failure = bridge.failure.catch((error: unknown) => error as Error);
    b.remove();
    expect(await failure).to.have.property('code', 'ENODEV');
    await bridge.stop();
    expect(bridge.directions[0]?.statistics).to.include({ received: 10, refused: 10, waiting: 0 });
    await Promise.all(sockets.map((socket) => socket.close()));
  });
});
