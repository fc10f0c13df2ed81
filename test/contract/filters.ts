import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { FilterConfiguration, FrameFormat, RemoteFrame } from '../../src';
import { envelopes, type ListeningMedia } from '../support/sockets/media';
import { farDeadline, LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { until } from '../support/waiting/until';
import { frameBytes, type Neighbour, type World } from './world';
import { useWorld } from './world-sockets';

const { Base, Extended } = FrameFormat;
const EFF = 0x80000000;
const RTR = 0x40000000;

/** The last frame of each step. */
const FENCE = 0x1fe;
const acceptFence = new FilterConfiguration(FENCE, 0x7ff, Base);

export function filters(world: World): void {
  const open = useWorld(world);
  let neighbour: Neighbour;
  let listener: ListeningMedia;
  beforeEach(() => {
    neighbour = world.neighbour();
    listener = open.listeningMedia();
  });
  afterEach(() => {
    neighbour.close();
  });

  /** The frames received of base 0x123, extended 0x123, remote 0x123 and base 0x124. The fence must pass. */
  async function passed(): Promise<string[]> {
    for (const id of [0x123, EFF + 0x123, RTR + 0x123, 0x124, FENCE]) {
      neighbour.write(frameBytes(id, 0));
    }
    await until(() => listener.texts.at(-1) === '1FE#', 'the fence');
    const { texts } = listener;
    listener.received.length = 0;
    return texts.slice(0, -1);
  }

  /** Requests an echo, from which on the library matches echoes. */
  async function echo(): Promise<void> {
    await listener.media.send(envelopes(true, '7FF#'), farDeadline());
    await listener.until(1);
    listener.received.length = 0;
  }

  it('accepts every data frame by default', async () => {
    await echo();
    expect(await passed()).to.deep.equal(['123#', '00000123#', '124#']);
  });

  it('accepts by identifier, mask and format, in the kernel', async () => {
    await echo();
    const { media } = listener;
    for (const [identifier, mask, format, expected] of [
      [0x123, 0x7ff, Base, ['123#']],
      [0x123, 0x1fffffff, Extended, ['00000123#']],
      [0x123, 0x1fffffff, undefined, ['123#', '00000123#']],
      [0x120, 0x7f0, Base, ['123#', '124#']],
    ] as const) {
      const filter = new FilterConfiguration(identifier, mask, format);
      media.configureAcceptanceFilters([filter, acceptFence]);
      expect(await passed()).to.deep.equal(expected);
    }
    media.configureAcceptanceFilters(new Set([FilterConfiguration.promiscuous()]));
    expect(await passed()).to.deep.equal(['123#', '00000123#', '124#']);
    // The library itself has rejected no frame.
    expect(media.statistics).to.include({ filtered: 0, unsupported: 0 });
  });

  it('accepts nothing when the configuration is empty', async () => {
    listener.media.configureAcceptanceFilters([]);
    for (const id of [0x123, EFF + 0x123, RTR + 0x123]) neighbour.write(frameBytes(id, 0));
    // Frames accepted before this call are still delivered, before the fence.
    listener.media.configureAcceptanceFilters([acceptFence]);
    expect(await passed()).to.deep.equal([]);
    listener.media.configureAcceptanceFilters([]);
    await listener.media.send(envelopes(true, '7FF#'), farDeadline());
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['7FF##1']);
  });

  it('merges more filters than the kernel supports, and accepts all requested frames', async () => {
    const many = Array.from({ length: 700 }, (_, i) => new FilterConfiguration(i, 0x7ff, Base));
    listener.media.configureAcceptanceFilters(many);
    for (const id of [0, 511, 512, EFF + 0x1fffffff, 699]) neighbour.write(frameBytes(id, 0));
    await listener.until(4);
    expect(listener.texts).to.deep.equal(['000#', '1FF#', '200#', '2BB#']);
  });

  it('keeps the old filters when the new ones are invalid', async () => {
    listener.media.configureAcceptanceFilters([new FilterConfiguration(0x124, 0x7ff, Base)]);
    expect(() => {
      listener.media.configureAcceptanceFilters(['123'] as never);
    }).to.throw(TypeError);
    neighbour.write(frameBytes(0x123, 0));
    neighbour.write(frameBytes(0x124, 0));
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['124#']);
  });

  it('delivers a requested echo that the filters reject, and no other frame of its identifier', async () => {
    listener.media.configureAcceptanceFilters([new FilterConfiguration(0x100, 0x7ff, Base)]);
    expect(await listener.media.send(envelopes(true, '555#01'), farDeadline())).to.equal(1);
    const unrequested = envelopes(false, '555#02', '100#03');
    expect(await listener.media.send(unrequested, farDeadline())).to.equal(2);
    neighbour.write(frameBytes(0x555, 1, true));
    neighbour.write(frameBytes(0x100, 1, true));
    await listener.until(2);
    expect(listener.texts).to.deep.equal(['555##101', '100##05A']);
    expect(listener.received.map(({ loopback }) => loopback)).to.deep.equal([true, false]);
    expect(listener.media.statistics).to.include({
      unrequested: 2,
      filtered: 1,
      receivedOwn: 1,
      received: 1,
    });
  });

  it('delivers requested echoes of remote frames that the filters reject', async () => {
    const socket = open.socket({
      filters: [FilterConfiguration.promiscuous()],
    });
    const received: string[] = [];
    socket.on('frames', (frames) => {
      received.push(...frames.map(({ frame, own }) => `${String(frame)}${own ? ' own' : ''}`));
    });
    await socket.send([new RemoteFrame(Base, 0x123, 2), new RemoteFrame(Extended, 0x123)], {
      ...LONG_TIMEOUT,
      echo: true,
    });
    neighbour.write(frameBytes(0x40000123, 2));
    neighbour.write(frameBytes(0x124, 0));
    await until(() => received.length === 3, 'two echoes and a frame');
    expect(received).to.deep.equal(['123#R2 own', '00000123#R own', '124#']);
  });

  it('receives every frame once while filters change 300 times under traffic', async () => {
    const media = open.listeningMedia({ receiveBufferSize: 8 * 1024 * 1024 });
    const both = [
      [FilterConfiguration.promiscuous()],
      [new FilterConfiguration(0, 0, Extended), new FilterConfiguration(0, 0, Base)],
    ];
    let sent = 0;
    for (let swap = 0; swap < 300; swap++) {
      for (let i = 0; i < 10; i++) neighbour.write(frameBytes(EFF + sent++, 0));
      media.media.configureAcceptanceFilters(both[swap % 2] as FilterConfiguration[]);
      if (swap % 20 === 0) await turn();
    }
    neighbour.write(frameBytes(FENCE, 0));
    await until(() => media.texts.at(-1) === '1FE#', 'the fence');
    expect(media.received.slice(0, -1).map(({ frame }) => frame.identifier)).to.deep.equal(
      Array.from({ length: sent }, (_, i) => i),
    );
  });
}
