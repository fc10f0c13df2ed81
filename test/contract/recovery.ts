import { expect } from 'chai';
import { type CANSocket, DataFrame, FilterConfiguration, FrameFormat } from '../../src';
import { until } from '../support/waiting/until';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { errorBytes, frameBytes, put as putInto, type World } from './world';
import { useWorld } from './world-sockets';

/** Keeps the link events, frames and errors of a socket in order. */
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

/** Sockets survive the removal and return of their interface. */
export function recovery(world: World): void {
  const open = useWorld(world);
  const put = (...ids: number[]): void => {
    putInto(world, ...ids);
  };

  /** Writes a frame until the socket receives it: the first ones may come before it is open again. */
  async function putUntil(id: number, seen: () => boolean): Promise<void> {
    await until(
      () => {
        put(id);
        return seen();
      },
      `frame ${id.toString(16)} comes through`,
    );
  }

  it('receives with the same filters, error mask and own frames when the interface is back', async () => {
    const filters = [new FilterConfiguration(0x100, 0x700, FrameFormat.Base)];
    const socket = open.socket({ receiveOwn: true, errorMask: ['bus-off'] });
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
    expect(await socket.send(new DataFrame(11, 0x102, new Uint8Array()), LONG_TIMEOUT)).to.include({
      sent: 1,
    });
    await log.until('102#');
    const events = log.lines.filter((line) => line !== 'down');
    expect(events).to.deep.equal(['100#', 'gone', 'back', 'up', 'error: bus-off', '101#', '102#']);
    expect(socket.statistics).to.include({ received: 3, receivedOwn: 1, reopened: 1, dropped: 0 });
  });

  it("delivers all frames queued before the removal, then emits 'gone'", async () => {
    const socket = open.socket({ receiveBufferSize: 16 * 1024 * 1024 });
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
    const events = log.lines.filter((line) => line !== 'down');
    expect(events).to.deep.equal(['7FF#', ...expected, 'gone', 'back', 'up', '7FE#']);
    expect(socket.statistics).to.include({ received: 1502, dropped: 0 });
  });

  it('keeps the number of dropped frames when the interface is removed and is back', async () => {
    const socket = open.socket({ receiveBufferSize: 8000 });
    const log = new Log(socket);
    const witness = open.listeningSocket();
    // The socket does not receive, so its buffer overflows.
    const burst = new Array<number>(200).fill(0x100);
    put(...burst);
    await witness.until(200);
    const { dropped } = socket.statistics;
    expect(dropped).to.be.within(1, 199);
    world.remove();
    await log.until('gone');
    expect(socket.statistics.dropped).to.equal(dropped);
    world.add();
    await log.until('up');
    await until(() => witness.socket.state === 'up', 'the state of the other socket is up');
    expect(socket.statistics).to.include({ dropped, reopened: 1 });
    put(...burst);
    await witness.until(400);
    expect(socket.statistics.dropped, 'the same burst again').to.equal(2 * dropped);
  });

  it('reopens an interface that was removed and added again at once', async () => {
    const log = new Log(open.socket()).receive();
    put(0x100);
    await log.until('100#');
    world.remove();
    world.add();
    await log.until('back');
    await putUntil(0x101, () => log.lines.includes('101#'));
    expect(log.lines.filter((line) => line === 'gone')).to.have.lengthOf(1);
    await until(() => log.socket.state === 'up', "the socket's state is up");
  });

  it('receives again after each of five removals', async () => {
    const log = new Log(open.socket()).receive();
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

  it('completes a send that waited while the interface was gone', async () => {
    const socket = open.socket();
    const log = new Log(socket);
    world.remove();
    const frames = [1, 2, 3].map((id) => new DataFrame(11, id, new Uint8Array()));
    const sending = socket.send(frames, LONG_TIMEOUT);
    await log.until('gone');
    world.add();
    const listener = open.listeningMedia();
    expect(await sending).to.include({ sent: 3, expired: 0 });
    await log.until('up');
    expect(await socket.send(frames, LONG_TIMEOUT)).to.include({ sent: 3, expired: 0 });
    await listener.until(3);
  });

  it('ends a send at its deadline while the interface is gone', async () => {
    const socket = open.socket();
    world.remove();
    const frame = new DataFrame(11, 1, new Uint8Array());
    const result = await socket.send([frame, frame], { timeoutMs: 5 });
    expect(result).to.include({ sent: 0, expired: 2 });
    await until(() => socket.state === 'gone', "the socket's state is gone");
  });

  it('emits every link event on a socket that neither receives nor sends', async () => {
    const log = new Log(open.socket());
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

  it('gives each link event a time between the moments before and after it', async () => {
    const socket = open.socket();
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

  it('closes while the interface is gone', async () => {
    const socket = open.socket();
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

  it('accepts filters and an error mask while the interface is gone, and applies them when it is back', async () => {
    const socket = open.socket();
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
