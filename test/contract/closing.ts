import { expect } from 'chai';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { type CANSocket, DataFrame, MediaError, type SocketCANMedia } from '../../src';
import { descriptorCount, threadCount } from '../support/processes/process';
import { until } from '../support/waiting/until';
import { envelopes } from '../support/sockets/media';
import { farDeadline, LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { rejection, thrown } from '../support/asserts/thrown';
import { errorBytes, frameBytes, put, type World } from './world';
import { useWorld } from './world-sockets';

const MARKER = 0x7ff;

export function closing(world: World): void {
  const open = useWorld(world);

  /** Starts a media; resolves when its handler is called for the first time. */
  const firstFrames = (media: SocketCANMedia, handler: () => void): Promise<void> =>
    new Promise((resolve) => {
      media.start(() => {
        handler();
        resolve();
      }, false);
    });

  it('calls no handler after close(), although frames keep arriving', async () => {
    const neighbour = world.neighbour();
    const burst = (): void => {
      for (let i = 0; i < 200; i++) neighbour.write(frameBytes(i, 8));
    };
    // Receives the marker after all frames of a round: the poller has then read those of the closed media.
    const witness = open.media();
    let markers = 0;
    witness.start((frames) => {
      markers += frames.filter(({ frame }) => frame.identifier === MARKER).length;
    }, false);
    for (let round = 1; round <= 20; round++) {
      let closed = false;
      let late = 0;
      const media = open.media();
      const called = firstFrames(media, () => {
        if (closed) late++;
      });
      burst();
      await called;
      burst();
      const closing = media.close();
      closed = true;
      burst();
      await closing;
      neighbour.write(frameBytes(MARKER, 0));
      while (markers < round) await turn();
      expect(late, `round ${round}`).to.equal(0);
    }
    neighbour.close();
  });

  it('calls no handler for the rest of the waiting frames when a handler closes the media', async () => {
    const neighbour = world.neighbour();
    const media = open.media();
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

  it('calls no handler for the rest of a batch when the receive handler closes the media', async () => {
    const seen: string[] = [];
    const start = (media: SocketCANMedia, name: string, onFrames: () => void): void => {
      media.start(
        (frames) => {
          seen.push(...frames.map(({ frame }) => `${name} ${String(frame)}`));
          onFrames();
        },
        false,
        (_, error) => {
          seen.push(`${name} ${error}`);
        },
      );
    };
    const [closed, other] = [open.media(), open.media()];
    start(closed, 'closed', () => void closed.close());
    start(other, 'other', () => undefined);
    const neighbour = world.neighbour();
    neighbour.write(frameBytes(0x101, 0));
    neighbour.write(errorBytes(0x40, [0, 0, 0, 0, 0, 0, 0, 0]));
    neighbour.write(frameBytes(0x102, 0));
    neighbour.close();
    await until(() => seen.includes('other 102#'), 'the last frame');
    await closed.close();
    const of = (name: string) => seen.filter((each) => each.startsWith(name));
    expect(of('other')).to.deep.equal(['other 101#', `other ${MediaError.BusOff}`, 'other 102#']);
    expect(of('closed')).to.deep.equal(['closed 101#']);
  });

  it("emits no 'overflow' when a listener of 'frames' closes the socket", async () => {
    // Neither socket receives yet, so both drop frames.
    const options = { receiveBufferSize: 8000 };
    const [closed, other] = [open.socket(options), open.socket(options)];
    const witness = open.listeningSocket();
    put(world, ...new Array<number>(200).fill(0x101));
    await witness.until(200);
    let reported = 0;
    const late: string[] = [];
    other.on('overflow', (lost) => (reported += lost));
    other.on('frames', () => undefined);
    closed.on('overflow', () => late.push('overflow'));
    closed.once('frames', () => {
      void closed.close();
      closed.on('frames', () => late.push('frames'));
    });
    const { dropped } = other.statistics;
    expect(dropped).to.be.greaterThan(0);
    expect(closed.statistics.dropped).to.equal(dropped);
    await until(() => reported === dropped, "the event 'overflow' of the other socket");
    await until(() => closed.state === 'closed', 'the listener closes the socket');
    await closed.close();
    expect(late).to.deep.equal([]);
  });

  it('delivers no frame received before the first listener when the socket closes in the same turn', async () => {
    const sockets = [open.socket(), open.socket()] as const;
    // A socket receives from its first confirmation on, with or without listeners.
    const marker = new DataFrame(11, MARKER, new Uint8Array(0));
    for (const socket of sockets) await socket.send(marker, { ...LONG_TIMEOUT, confirm: true });
    put(world, 0x101);
    // The marker of the other socket and the frame.
    const early = (socket: CANSocket): boolean => socket.statistics.received === 2;
    await until(() => sockets.every(early), 'both sockets receive the frame');
    const received = sockets.map((socket) => {
      const texts: string[] = [];
      socket.on('frames', (frames) => texts.push(...frames.map(({ frame }) => String(frame))));
      return texts;
    });
    await sockets[0].close();
    await until(() => received[1]?.at(-1) === '101#', 'the other socket delivers the frame');
    expect(received[0]).to.deep.equal([]);
  });

  it('releases descriptors and threads 500 times, while frames arrive', async () => {
    const neighbour = world.neighbour();
    const cycle = async (): Promise<void> => {
      const media = open.media();
      const called = firstFrames(media, () => undefined);
      for (let i = 0; i < 3; i++) neighbour.write(frameBytes(i, 0));
      await called;
      neighbour.write(frameBytes(3, 0));
      const closing = media.close();
      neighbour.write(frameBytes(4, 0));
      await closing;
    };
    await cycle();
    const [descriptors, threads] = [descriptorCount(), threadCount()];
    for (let i = 0; i < 500; i++) await cycle();
    expect(descriptorCount()).to.equal(descriptors);
    await until(() => threadCount() === threads, `${threads} threads`);
    neighbour.close();
  });

  it('rejects waiting sends with the number of frames already handed over', async () => {
    const media = open.media();
    expect(await media.send(envelopes(false, '123#'), farDeadline())).to.equal(1);
    world.down();
    const waiting = rejection(media.send(envelopes(false, '123#'), farDeadline()));
    await until(() => media.state === 'down', 'the send waits');
    await media.close();
    const code = 'ERR_SOCKETCAN_CLOSED';
    expect(await waiting).to.include({ code, interface: world.interfaceName, sent: 0 });
    const start = (): void => {
      media.start(() => undefined, false);
    };
    const configure = (): void => {
      media.configureAcceptanceFilters([]);
    };
    for (const call of [start, configure]) expect(thrown(call).message).to.match(/closed/);
    await media.close();
  });

  it('leaves other media of the same poller alone', async () => {
    const first = open.listeningMedia();
    const second = open.listeningMedia();
    put(world, 0x101);
    await first.until(1);
    await second.until(1);
    await first.close();
    put(world, 0x102);
    await second.until(2);
    expect(first.texts).to.deep.equal(['101#']);
  });

  it('emits an error event and keeps receiving when a handler throws', async () => {
    const media = open.media();
    const errors: Error[] = [];
    media.on('error', (error) => errors.push(error));
    let calls = 0;
    media.start(() => {
      calls++;
      throw new Error('mine');
    }, false);
    put(world, 0x101);
    await until(() => calls === 1, 'the first call');
    put(world, 0x102);
    await until(() => calls === 2, 'the second call');
    expect(errors).to.have.lengthOf(2);
    expect(errors[0]).to.include({ code: 'ERR_SOCKETCAN_HANDLER', interface: world.interfaceName });
    expect((errors[0]?.cause as Error).message).to.equal('mine');
    expect(media.state).to.equal('up');
  });

  it('emits an error event and stays open when an async handler rejects', async () => {
    const media = open.media();
    const errors: Error[] = [];
    media.on('error', (error) => errors.push(error));
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- users write this although the type forbids it
    media.start(async () => Promise.reject(new Error('mine')), false);
    put(world, 0x101);
    await until(() => errors.length === 1, 'the error event');
    expect(errors[0]).to.include({ code: 'ERR_SOCKETCAN_HANDLER' });
    expect((errors[0]?.cause as Error).message).to.equal('mine');
    expect(media.state).to.equal('up');
  });

  it('emits a process warning when a handler throws and nobody listens to errors', async () => {
    const media = open.media();
    media.start(() => {
      throw new Error('mine');
    }, false);
    const warning = once(process, 'warning');
    put(world, 0x101);
    const [reason] = (await warning) as [Error];
    expect(reason.message).to.match(/exception in the receive handler; lost frames: 1/);
  });
}
