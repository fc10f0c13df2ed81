import { expect } from 'chai';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SocketCANMedia } from '../../src';
import { descriptorCount, threadCount } from '../support/processes/process';
import { after, until } from '../support/waiting/until';
import { envelopes, ListeningMedia } from '../support/sockets/media';
import { frameBytes, type World } from './world';

export function closing(world: World): void {
  beforeEach(() => {
    world.create();
  });
  afterEach(() => {
    world.destroy();
  });

  /** One frame from outside. */
  function put(canId: number): void {
    const neighbour = world.neighbour();
    neighbour.write(frameBytes(canId, 0));
    neighbour.close();
  }

  it('calls no handler afterwards though frames go on arriving', async () => {
    const neighbour = world.neighbour();
    // The thread lives as long as this media, and so a round is short.
    const keeper = new ListeningMedia(world.interfaceName, 64);
    for (let round = 0; round < 50; round++) {
      let closed = false;
      let early = 0;
      let late = 0;
      const media = new SocketCANMedia(world.interfaceName, 64);
      media.start(() => {
        if (closed) late++;
        else early++;
      }, false);
      const burst = (): void => {
        for (let i = 0; i < 200; i++) neighbour.write(frameBytes(i, 8));
      };
      while (early === 0) {
        burst();
        await sleep(1);
      }
      burst();
      const closing = media.close();
      closed = true;
      burst();
      await closing;
      await sleep(5);
      expect(late, `round ${round}`).to.equal(0);
    }
    await keeper.close();
    neighbour.close();
  });

  it('ends within a handler, which is not called for the rest of what it had waiting', async () => {
    const neighbour = world.neighbour();
    const media = new SocketCANMedia(world.interfaceName, 64);
    let calls = 0;
    let closing: Promise<void> | undefined;
    media.start(() => {
      calls++;
      closing = media.close();
    }, false);
    for (let i = 0; i < 2000; i++) neighbour.write(frameBytes(i % 2048, 8));
    await until(() => closing !== undefined, 'the handler is called');
    await closing;
    expect(calls).to.equal(1);
    neighbour.close();
  });

  it('gives back descriptors and threads, 500 times under traffic', async () => {
    const traffic = setInterval(() => {
      put(0x123);
    }, 1);
    // The thread lives as long as this media, and so a cycle is short.
    const keeper = new ListeningMedia(world.interfaceName, 64);
    try {
      await cycle();
      const before = { descriptors: descriptorCount(), threads: threadCount() };
      for (let i = 0; i < 500; i++) await cycle();
      expect({ descriptors: descriptorCount(), threads: threadCount() }).to.deep.equal(before);
    } finally {
      clearInterval(traffic);
      await keeper.close();
    }
  }).timeout(120_000);

  it('gives back descriptors and threads, 50 times with the thread itself', async () => {
    const traffic = setInterval(() => {
      put(0x123);
    }, 1);
    try {
      await cycle();
      const before = { descriptors: descriptorCount(), threads: threadCount() };
      for (let i = 0; i < 50; i++) await cycle();
      expect({ descriptors: descriptorCount(), threads: threadCount() }).to.deep.equal(before);
    } finally {
      clearInterval(traffic);
    }
  }).timeout(120_000);

  async function cycle(): Promise<void> {
    const listener = new ListeningMedia(world.interfaceName, 64);
    await listener.until(1);
    await listener.close();
  }

  it('rejects the sends that wait, with the number of frames already handed over', async () => {
    const media = new SocketCANMedia(world.interfaceName, 64);
    expect(await media.send(envelopes(false, '123#'), after(100))).to.equal(1);
    world.down();
    const waiting = media.send(envelopes(false, '123#'), after(10_000)).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    await until(() => media.state === 'down', 'the send waits');
    await media.close();
    const code = 'ERR_SOCKETCAN_CLOSED';
    expect(await waiting).to.include({ code, interface: world.interfaceName, sent: 0 });
    expect(() => {
      media.start(() => undefined, false);
    }).to.throw(/closed/);
    expect(() => {
      media.configureAcceptanceFilters([]);
    }).to.throw(/closed/);
    await media.close();
  });

  it('leaves other media on the same thread alone', async () => {
    const first = new ListeningMedia(world.interfaceName, 64);
    const second = new ListeningMedia(world.interfaceName, 64);
    put(0x101);
    await first.until(1);
    await second.until(1);
    await first.close();
    put(0x102);
    await second.until(2);
    expect(first.texts).to.deep.equal(['101#']);
    await second.close();
  });

  it('survives a handler that throws: an error event, and reception goes on', async () => {
    const media = new SocketCANMedia(world.interfaceName, 64);
    const errors: Error[] = [];
    media.on('error', (error) => errors.push(error));
    let calls = 0;
    media.start(() => {
      calls++;
      throw new Error('mine');
    }, false);
    put(0x101);
    await until(() => calls === 1, 'the first call');
    put(0x102);
    await until(() => calls === 2, 'the second call');
    expect(errors).to.have.lengthOf(2);
    expect(errors[0]).to.include({ code: 'ERR_SOCKETCAN_HANDLER', interface: world.interfaceName });
    expect((errors[0]?.cause as Error).message).to.equal('mine');
    expect(media.state).to.equal('up');
    await media.close();
  });

  it('survives an async handler that rejects in the same way', async () => {
    const media = new SocketCANMedia(world.interfaceName, 64);
    const errors: Error[] = [];
    media.on('error', (error) => errors.push(error));
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what people write all the same
    media.start(async () => Promise.reject(new Error('mine')), false);
    put(0x101);
    await until(() => errors.length === 1, 'the error event');
    expect(errors[0]).to.include({ code: 'ERR_SOCKETCAN_HANDLER' });
    expect((errors[0]?.cause as Error).message).to.equal('mine');
    expect(media.state).to.equal('up');
    await media.close();
  });

  it('makes what a handler throws a process warning where nobody listens to errors', async () => {
    const media = new SocketCANMedia(world.interfaceName, 64);
    media.start(() => {
      throw new Error('mine');
    }, false);
    const warning = once(process, 'warning');
    put(0x101);
    const [reason] = (await warning) as [Error];
    expect(reason.message).to.match(/unhandled exception in the receive handler; lost frames: 1/);
    await media.close();
  });
}
