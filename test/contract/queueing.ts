import { expect } from 'chai';
import { CANSocket, DataFrame } from '../../src';
import { until } from '../support/waiting/until';
import { ListeningSocket } from '../support/sockets/listening-socket';
import { sleep } from '../support/processes/process';
import { countTurns } from '../support/waiting/turns';
import { frameBytes, type World } from './world';

const frames = (count: number, first = 0): DataFrame[] =>
  Array.from({ length: count }, (_, i) => new DataFrame(29, first + i, new Uint8Array(0)));

/** What waits to be sent: for the link, for its turn, or to be purged. */
export function queueing(world: World): void {
  const open: CANSocket[] = [];
  const socketOn = (...args: ConstructorParameters<typeof CANSocket>): CANSocket => {
    const socket = new CANSocket(...args);
    open.push(socket);
    return socket;
  };
  const patient = { timeoutMs: 60_000 };

  beforeEach(() => {
    world.create();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((socket) => socket.close()));
    world.destroy();
  });

  for (const sendOrder of ['fifo', 'priority'] as const) {
    it(`is sent at once when the link is up again, in the order '${sendOrder}'`, async () => {
      const socket = socketOn(world.interfaceName, { sendOrder });
      const listener = new ListeningSocket(world.interfaceName);
      const sentWhenUp: number[] = [];
      socket.on('up', () => sentWhenUp.push(socket.statistics.sent));
      world.down();
      const results = [300, 200, 100].map((first) => socket.send(frames(3, first), patient));
      await until(() => socket.state === 'down', 'the socket knows');
      world.up();
      for (const { sent } of await Promise.all(results)) expect(sent).to.equal(3);
      await listener.until(9);
      expect(sentWhenUp, 'before anybody was told').to.deep.equal([9]);
      const firsts = sendOrder === 'fifo' ? [300, 200, 100] : [100, 200, 300];
      expect(listener.received.map(({ frame }) => (frame as DataFrame).identifier)).to.deep.equal(
        firsts.flatMap((first) => [first, first + 1, first + 2]),
      );
    });
  }

  it('is dropped by purge(), counted, and never sent', async () => {
    const socket = socketOn(world.interfaceName);
    const listener = new ListeningSocket(world.interfaceName);
    world.down();
    const results = [
      socket.send(frames(5), patient),
      socket.send(frames(3), { ...patient, confirm: true }),
    ];
    expect(socket.purge()).to.equal(8);
    expect(socket.purge()).to.equal(0);
    const none = { sent: 0, expired: 0, refused: 0, confirmed: 0 };
    const [first, second] = await Promise.all(results);
    expect(first).to.deep.equal({ ...none, purged: 5 });
    expect(second).to.deep.include({ ...none, purged: 3, confirmations: [] });
    world.up();
    expect(await socket.send(frames(1, 0x777), patient)).to.include({ sent: 1, purged: 0 });
    await listener.until(1);
    await sleep(20);
    expect(listener.texts).to.deep.equal(['00000777#']);
    expect(socket.statistics).to.include({ sent: 1, purged: 8, expired: 0, refused: 0 });
  });

  it('may be purged within a listener', async () => {
    const socket = socketOn(world.interfaceName);
    const purged: number[] = [];
    socket.on('down', () => purged.push(socket.purge()));
    const neighbour = world.neighbour();
    const received = new Promise((resolve) => socket.once('frames', resolve));
    neighbour.write(frameBytes(0x100, 0));
    neighbour.close();
    await received;
    world.down();
    const result = await socket.send(frames(4), patient);
    expect(result).to.include({ sent: 0, purged: 4 });
    expect(purged).to.deep.equal([4]);
    expect(socket.statistics).to.include({ purged: 4, sent: 0 });
  });

  it('lets others have their turns, 10,000 calls of one loop', async () => {
    const socket = socketOn(world.interfaceName);
    const turns = countTurns();
    const results = frames(10_000).map((frame) => socket.send(frame, patient));
    const all = await Promise.all(results);
    const counted = turns.stop();
    expect(all.reduce((sum, { sent }) => sum + sent, 0)).to.equal(10_000);
    expect(counted).to.be.at.least(2);
    expect(socket.statistics).to.include({ sent: 10_000, expired: 0 });
  });
}
