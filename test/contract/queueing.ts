import { expect } from 'chai';
import { DataFrame } from '../../src';
import { block } from '../support/processes/process';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { until } from '../support/waiting/until';
import { countTurns } from '../support/waiting/turns';
import { put, type World } from './world';
import { useWorld } from './world-sockets';

const frames = (count: number, first = 0): DataFrame[] =>
  Array.from({ length: count }, (_, i) => new DataFrame(29, first + i, new Uint8Array(0)));

/** Frames that wait to be sent: for the link, for their turn, or to be purged. */
export function queueing(world: World): void {
  const open = useWorld(world);

  for (const sendOrder of ['fifo', 'priority'] as const) {
    it(`sends waiting frames before it emits 'up', in the order '${sendOrder}'`, async () => {
      const socket = open.socket({ sendOrder });
      const listener = open.listeningSocket();
      const sentWhenUp: number[] = [];
      socket.on('up', () => sentWhenUp.push(socket.statistics.sent));
      world.down();
      const results = [300, 200, 100].map((first) => socket.send(frames(3, first), LONG_TIMEOUT));
      await until(() => socket.state === 'down', "the socket's state is down");
      world.up();
      for (const { sent } of await Promise.all(results)) expect(sent).to.equal(3);
      await listener.until(9);
      expect(sentWhenUp).to.deep.equal([9]);
      const firsts = sendOrder === 'fifo' ? [300, 200, 100] : [100, 200, 300];
      expect(listener.received.map(({ frame }) => (frame as DataFrame).identifier)).to.deep.equal(
        firsts.flatMap((first) => [first, first + 1, first + 2]),
      );
    });
  }

  it("sends waiting frames before it emits 'up' when sending has used up its time in this turn", async () => {
    const [socket, other] = [open.socket(), open.socket()];
    const sentWhenUp: number[] = [];
    socket.on('up', () => sentWhenUp.push(socket.statistics.sent));
    world.down();
    const result = socket.send(frames(9), LONG_TIMEOUT);
    await until(() => socket.state === 'down', "the socket's state is down");
    const second = other.send(frames(1, 100), LONG_TIMEOUT); // Sending has 1 ms from here on.
    block(5);
    world.up();
    expect(await result).to.include({ sent: 9 });
    await until(() => sentWhenUp.length > 0, "the event 'up'");
    expect(sentWhenUp).to.deep.equal([9]);
    expect(await second).to.include({ sent: 1 });
  });

  it('drops waiting frames on purge(), counts them, and never sends them', async () => {
    const socket = open.socket();
    const listener = open.listeningSocket();
    world.down();
    const results = [socket.send(frames(5), LONG_TIMEOUT), socket.send(frames(3), { ...LONG_TIMEOUT, confirm: true })];
    expect(socket.purge()).to.equal(8);
    expect(socket.purge()).to.equal(0);
    const none = { sent: 0, expired: 0, refused: 0, confirmed: 0 };
    const [first, second] = await Promise.all(results);
    expect(first).to.deep.equal({ ...none, purged: 5 });
    expect(second).to.deep.include({ ...none, purged: 3, confirmations: [] });
    world.up();
    for (const id of [0x777, 0x778]) {
      expect(await socket.send(frames(1, id), LONG_TIMEOUT)).to.include({ sent: 1, purged: 0 });
    }
    await listener.until(2);
    expect(listener.texts).to.deep.equal(['00000777#', '00000778#']);
    expect(socket.statistics).to.include({ sent: 2, purged: 8, expired: 0, refused: 0 });
  });

  it('accepts purge() inside a listener', async () => {
    const socket = open.socket();
    const purged: number[] = [];
    socket.on('down', () => purged.push(socket.purge()));
    const received = new Promise((resolve) => socket.once('frames', resolve));
    put(world, 0x100);
    await received;
    world.down();
    const result = await socket.send(frames(4), LONG_TIMEOUT);
    expect(result).to.include({ sent: 0, purged: 4 });
    expect(purged).to.deep.equal([4]);
    expect(socket.statistics).to.include({ purged: 4, sent: 0 });
  });

  it('gives other work its turns while it sends 10,000 calls of one loop', async () => {
    const socket = open.socket();
    const turns = countTurns();
    const results = frames(10_000).map((frame) => socket.send(frame, LONG_TIMEOUT));
    const all = await Promise.all(results);
    const counted = turns.stop();
    expect(all.reduce((sum, { sent }) => sum + sent, 0)).to.equal(10_000);
    expect(counted).to.be.at.least(2);
    expect(socket.statistics).to.include({ sent: 10_000, expired: 0 });
  });
}
