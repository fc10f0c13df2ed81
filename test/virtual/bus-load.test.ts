import { expect } from 'chai';
import { CANSocket, DataFrame, type VirtualBus } from '../../src';
import { POLLER_KINDS } from '../../src/poller/kinds';
import { setImmediate as turn } from 'node:timers/promises';
import { descriptorCount } from '../support/processes/process';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { until } from '../support/waiting/until';
import { keepThread, newBus } from './probe';

const FRAMES = Array.from({ length: 100 }, (_, i) => new DataFrame(29, i, new Uint8Array(8)));

/** Sockets that a failed test leaves open would fail the next tests and keep mocha alive. */
const open = new Set<CANSocket>();

/** A socket that sends until stop(), or until sending fails. */
class Talker {
  readonly socket: CANSocket;
  readonly ended: Promise<Error | undefined>;
  received = 0;
  events: string[] = [];
  #stopped = false;

  constructor(bus: VirtualBus) {
    this.socket = new CANSocket(bus.interfaceName, { reopen: false });
    open.add(this.socket);
    this.socket.on('frames', (frames) => (this.received += frames.length));
    this.socket.on('gone', () => this.events.push('gone'));
    this.socket.on('error', (error) => {
      this.events.push((error as NodeJS.ErrnoException).code ?? error.message);
    });
    this.socket.on('close', () => this.events.push('close'));
    this.ended = this.#talk();
  }

  async #talk(): Promise<Error | undefined> {
    try {
      while (!this.#stopped) {
        await this.socket.send(FRAMES, { timeoutMs: 50 });
        await turn();
      }
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    expect(await this.ended).to.equal(undefined);
    await this.socket.close();
  }
}

/** Gives timers and sockets a few turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

async function talkers(bus: VirtualBus, count: number): Promise<Talker[]> {
  const all = Array.from({ length: count }, () => new Talker(bus));
  await until(() => all.every(({ received }) => received > 200), 'all sockets send and receive');
  return all;
}

describe('A virtual bus under load', () => {
  keepThread();
  afterEach(async () => {
    await Promise.all([...open].map((socket) => socket.close()));
    open.clear();
  });

  it('reports its removal once to each socket, with the cause, and leaves no descriptor open', async () => {
    const bus = newBus();
    const before = descriptorCount();
    const all = await talkers(bus, 3);
    bus.remove();
    // Without close() here: after it, a socket emits no event but 'close'.
    await until(() => all.every(({ events }) => events.includes('close')), 'all are closed');
    for (const { socket, ended } of all) {
      const error = await ended;
      expect(error).to.have.property('code').that.is.oneOf(['ENXIO', 'ERR_SOCKETCAN_CLOSED']);
      expect(error).to.include({ interface: bus.interfaceName });
      await socket.close();
    }
    for (const { events } of all) {
      expect(events[0]).to.equal('gone');
      expect(events[1]).to.be.oneOf(['ENODEV', 'ENXIO']);
      expect(events.slice(2)).to.deep.equal(['close']);
    }
    expect(bus.nodes).to.equal(0);
    expect(descriptorCount()).to.equal(before);
    bus.add();
    await Promise.all((await talkers(bus, 3)).map((talker) => talker.stop()));
    expect(descriptorCount()).to.equal(before);
  });

  it('closes its sockets each time it is removed and added, 50 times', async () => {
    const bus = newBus();
    const before = descriptorCount();
    for (let round = 0; round < 50; round++) {
      const [a, b] = [new Talker(bus), new Talker(bus)];
      if (round % 2 === 0) await until(() => a.received > 0, 'a frame');
      bus.remove();
      bus.add();
      for (const { ended, socket } of [a, b]) {
        expect(await ended, `round ${round}`).to.be.instanceOf(Error);
        await socket.close();
      }
    }
    expect([bus.nodes, descriptorCount()]).to.deep.equal([0, before]);
  });

  it('carries frames of all sockets after it went down and up 50 times', async () => {
    const bus = newBus();
    const all = await talkers(bus, 3);
    for (let round = 0; round < 50; round++) {
      bus.down();
      await turns(round % 5);
      bus.up();
    }
    const before = all.map(({ received }) => received);
    await until(() => all.every(({ received }, i) => received > (before[i] ?? 0) + 200), 'traffic');
    for (const talker of all) {
      expect(talker.events).to.deep.equal([]);
      await talker.stop();
    }
  });

  for (const poller of POLLER_KINDS) {
    it(`keeps a socket open when it goes down and up 50 times in one turn, poller '${poller}'`, async () => {
      const bus = newBus();
      await using socket = new CANSocket(bus.interfaceName, { poller });
      const received: string[] = [];
      socket.on('frames', (frames) => received.push(...frames.map(({ frame }) => String(frame))));
      for (let flap = 0; flap < 50; flap++) {
        bus.inject(new DataFrame(11, flap, new Uint8Array(0)));
        bus.down();
        bus.up();
      }
      await until(() => received.length === 50, 'all frames');
      await socket.drain();
      expect(socket.state).to.equal('up');
    });
  }

  it('removes closed sockets while others send', async () => {
    const bus = newBus();
    const all = await talkers(bus, 2);
    for (let round = 0; round < 50; round++) {
      const guest = new Talker(bus);
      if (round % 2 === 0) await until(() => guest.received > 0, 'the guest receives');
      const closing = guest.socket.close();
      expect(await guest.ended).to.have.property('code', 'ERR_SOCKETCAN_CLOSED');
      await closing;
    }
    for (const talker of all) await talker.stop();
    expect(bus.nodes).to.equal(0);
  });

  it('accepts every setting while sockets send', async () => {
    const bus = newBus();
    const all = await talkers(bus, 3);
    for (const settings of [
      { bitrate: 1_000_000, txQueueLength: 50 },
      { faults: { drop: 0.1, duplicate: 0.1, reorder: 0.1, delay: 0.1 } },
      { bitrate: 500_000, dataBitrate: 2_000_000 },
      { txQueueLength: 1 },
      { mtu: 16 as const },
      { virtualTime: true },
      { virtualTime: false, bitrate: 0 },
      { seed: 3, faults: {} },
    ]) {
      bus.configure(settings);
      await turns(20);
    }
    bus.reset();
    const before = all.map(({ received }) => received);
    await until(() => all.every(({ received }, i) => received > (before[i] ?? 0) + 200), 'traffic');
    for (const talker of all) {
      expect(talker.events).to.deep.equal([]);
      await talker.stop();
    }
  });

  it('releases every descriptor, 500 times under traffic', async () => {
    const bus = newBus();
    const talker = new Talker(bus);
    const cycle = async (index: number): Promise<void> => {
      const socket = new CANSocket(bus.interfaceName, { reopen: false });
      if (index % 2 === 0) socket.on('frames', () => undefined);
      if (index % 5 === 0) await socket.send(FRAMES, LONG_TIMEOUT);
      await socket.close();
    };
    await cycle(0);
    const before = descriptorCount();
    for (let i = 0; i < 500; i++) await cycle(i);
    expect(descriptorCount()).to.equal(before);
    await talker.stop();
  });
});
