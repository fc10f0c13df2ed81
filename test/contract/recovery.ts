import { expect } from 'chai';
import { CANSocket, DataFrame, FilterConfiguration, FrameFormat } from '../../src';
import { until } from '../support/waiting/until';
import { OpenSockets } from '../support/sockets/open-sockets';
import { ListeningMedia } from '../support/sockets/media';
import { errorBytes, frameBytes, type World } from './world';

/** A socket whose link events, frames and errors are kept in order. */
class Log {
  readonly lines: string[] = [];
  readonly socket: CANSocket;

  constructor(socket: CANSocket) {
    this.socket = socket;
    for (const event of ['down', 'up', 'gone', 'back'] as const) {
      socket.on(event, () => this.lines.push(event));
    }
    socket.on('error', (error) => this.lines.push(error.message));
  }

  receive(): this {
    this.socket.on('frames', (frames) => {
      this.lines.push(...frames.map(({ frame }) => String(frame)));
    });
    return this;
  }

  async until(line: string, count = 1): Promise<void> {
    const found = () => this.lines.filter((each) => each === line).length >= count;
    await until(found, `'${line}' in [${this.lines.join(', ')}]`);
  }
}

/** Sockets survive interfaces that go and come back. */
export function recovery(world: World): void {
  const sockets = new OpenSockets();

  beforeEach(() => {
    world.create();
  });
  afterEach(async () => {
    await sockets.close();
    world.destroy();
  });

  function put(...ids: number[]): void {
    const neighbour = world.neighbour();
    for (const id of ids) neighbour.write(frameBytes(id, 0));
    neighbour.close();
  }

  /** As often as it takes: the first ones may come before the socket is there again. */
  async function putUntil(id: number, seen: () => boolean): Promise<void> {
    await until(
      () => {
        put(id);
        return seen();
      },
      `frame ${id.toString(16)} comes through`,
    );
  }

  it('receives again, with filters, error mask and own frames as set, when the interface is back', async () => {
    const filters = [new FilterConfiguration(0x100, 0x700, FrameFormat.Base)];
    const socket = sockets.on(world.interfaceName, { receiveOwn: true, errorMask: ['bus-off'] });
    const log = new Log(socket).receive();
    socket.setFilters(filters);
    put(0x100);
    await log.until('100#');
    world.remove();
    await log.until('gone');
    expect(socket.state).to.equal('gone');
    world.add();
    await log.until('up');
    expect(socket.state).to.equal('up');
    const neighbour = world.neighbour();
    neighbour.write(frameBytes(0x200, 0)); // Not through the filter.
    neighbour.write(errorBytes(0x40, [0, 0, 0, 0, 0, 0, 0, 0]));
    neighbour.write(errorBytes(0x4, [0, 1, 0, 0, 0, 0, 0, 0])); // Not of the class.
    neighbour.write(frameBytes(0x101, 0));
    neighbour.close();
    await log.until('101#');
    expect(await socket.send(new DataFrame(11, 0x102, new Uint8Array()))).to.include({ sent: 1 });
    await log.until('102#');
    const told = log.lines.filter((line) => line !== 'down');
    expect(told).to.deep.equal(['100#', 'gone', 'back', 'up', 'error: bus-off', '101#', '102#']);
    expect(socket.statistics).to.include({ received: 3, receivedOwn: 1, reopened: 1, dropped: 0 });
  });

  it('loses nothing that was queued when the interface was removed, and tells it first', async () => {
    const socket = sockets.on(world.interfaceName, { receiveBufferSize: 16 * 1024 * 1024 });
    const log = new Log(socket).receive();
    put(0x7ff);
    await log.until('7FF#');
    const ids = Array.from({ length: 1500 }, (_, i) => i);
    put(...ids);
    world.remove();
    await log.until('gone');
    world.add();
    await log.until('up');
    put(0x7fe);
    await log.until('7FE#');
    const expected = ids.map((id) => `${id.toString(16).padStart(3, '0').toUpperCase()}#`);
    const told = log.lines.filter((line) => line !== 'down');
    expect(told).to.deep.equal(['7FF#', ...expected, 'gone', 'back', 'up', '7FE#']);
    expect(socket.statistics).to.include({ received: 1502, dropped: 0 });
  });

  it('finds an interface that was removed and made again before anybody looked', async () => {
    const log = new Log(sockets.on(world.interfaceName)).receive();
    put(0x100);
    await log.until('100#');
    world.remove();
    world.add();
    await log.until('back');
    await putUntil(0x101, () => log.lines.includes('101#'));
    expect(log.lines.filter((line) => line === 'gone')).to.have.lengthOf(1);
    await until(() => log.socket.state === 'up', 'it is told that the link is up');
  });

  it('survives five removals in a row', async () => {
    const log = new Log(sockets.on(world.interfaceName)).receive();
    put(0x100);
    await log.until('100#');
    for (let round = 1; round <= 5; round++) {
      world.remove();
      await log.until('gone', round);
      world.add();
      await log.until('up', round);
      put(0x200 + round);
      await log.until(`20${round.toString(16).toUpperCase()}#`);
    }
    expect(log.socket.statistics).to.include({ reopened: 5, received: 6 });
  });

  it('goes on with a send that waited while the interface was gone', async () => {
    const socket = sockets.on(world.interfaceName);
    const log = new Log(socket);
    world.remove();
    const frames = [1, 2, 3].map((id) => new DataFrame(11, id, new Uint8Array()));
    const sending = socket.send(frames, { timeoutMs: 20_000 });
    await log.until('gone');
    world.add();
    const listener = new ListeningMedia(world.interfaceName, 64);
    expect(await sending).to.include({ sent: 3, expired: 0 });
    await log.until('up');
    expect(await socket.send(frames)).to.include({ sent: 3, expired: 0 });
    await listener.until(3);
    await listener.close();
  });

  it('ends a send at its deadline while the interface is gone', async () => {
    const socket = sockets.on(world.interfaceName);
    world.remove();
    const frame = new DataFrame(11, 1, new Uint8Array());
    const result = await socket.send([frame, frame], { timeoutMs: 50 });
    expect(result).to.include({ sent: 0, expired: 2 });
    await until(() => socket.state === 'gone', 'the socket knows');
  });

  it('tells a socket that neither receives nor sends of every change, to whoever listens', async () => {
    const log = new Log(sockets.on(world.interfaceName));
    world.down();
    await log.until('down');
    world.up();
    await log.until('up');
    world.remove();
    await log.until('gone');
    world.add();
    await log.until('up', 2);
    expect(log.lines.filter((line) => line !== 'down')).to.deep.equal(['up', 'gone', 'back', 'up']);
  });

  it('has a time for each change, between the moments before and after it', async () => {
    const socket = sockets.on(world.interfaceName);
    const log = new Log(socket);
    const times: bigint[] = [];
    socket.on('down', ({ monotonicNs }) => times.push(monotonicNs));
    socket.on('up', ({ monotonicNs }) => times.push(monotonicNs));
    const begin = process.hrtime.bigint();
    world.down();
    await log.until('down');
    const middle = process.hrtime.bigint();
    world.up();
    await log.until('up');
    const end = process.hrtime.bigint();
    const [down = 0n, up = 0n] = times;
    expect(begin <= down && down <= middle && middle <= up && up <= end).to.equal(true);
  });

  it('can be closed while the interface is gone', async () => {
    const socket = sockets.on(world.interfaceName);
    const log = new Log(socket).receive();
    put(0x100);
    await log.until('100#');
    world.remove();
    await log.until('gone');
    await socket.close();
    expect(socket.state).to.equal('closed');
    world.add();
    put(0x101);
    expect(log.lines.filter((line) => line !== 'down')).to.deep.equal(['100#', 'gone']);
  });

  it('takes filters and an error mask while the interface is gone, and has them when it is back', async () => {
    const socket = sockets.on(world.interfaceName);
    const log = new Log(socket).receive();
    put(0x100);
    await log.until('100#');
    world.remove();
    await log.until('gone');
    socket.setFilters([new FilterConfiguration(0x200, 0x7ff, FrameFormat.Base)]);
    socket.setErrorMask(['restarted']);
    world.add();
    await log.until('up');
    const neighbour = world.neighbour();
    neighbour.write(frameBytes(0x100, 0));
    neighbour.write(errorBytes(0x100, [0, 0, 0, 0, 0, 0, 0, 0]));
    neighbour.write(frameBytes(0x200, 0));
    neighbour.close();
    await log.until('200#');
    expect(log.lines.slice(-2)).to.deep.equal(['error: restarted', '200#']);
  });
}
