import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANSocket, FilterConfiguration, FrameFormat, RemoteFrame } from '../../src';
import { after, until } from '../support/waiting/until';
import { envelopes, ListeningMedia } from '../support/sockets/media';
import { frameBytes, type Neighbour, type World } from './world';

const { Base, Extended } = FrameFormat;
const EFF = 0x80000000;

export function filters(world: World): void {
  let neighbour: Neighbour;
  let listener: ListeningMedia;
  beforeEach(() => {
    world.create();
    neighbour = world.neighbour();
    listener = new ListeningMedia(world.interfaceName, 64);
  });
  afterEach(async () => {
    neighbour.close();
    await listener.close();
    world.destroy();
  });

  /** The identifiers that pass, of base 0x123, extended 0x123, remote 0x123 and base 0x124, then of a fence. */
  async function passed(): Promise<string[]> {
    neighbour.write(frameBytes(0x123, 0));
    neighbour.write(frameBytes(EFF + 0x123, 0));
    neighbour.write(frameBytes(0x40000123, 0));
    neighbour.write(frameBytes(0x124, 0));
    await sleep(100);
    const { texts } = listener;
    listener.received.length = 0;
    return texts;
  }

  it('accepts everything until told otherwise', async () => {
    await listener.media.send(envelopes(true, '7FF#'), after(1000));
    await listener.until(1);
    listener.received.length = 0;
    expect(await passed()).to.deep.equal(['123#', '00000123#', '124#']);
  });

  it('accepts by identifier, mask and format, in the kernel', async () => {
    await listener.media.send(envelopes(true, '7FF#'), after(1000));
    await listener.until(1);
    listener.received.length = 0;
    const { media } = listener;
    media.configureAcceptanceFilters([new FilterConfiguration(0x123, 0x7ff, Base)]);
    expect(await passed()).to.deep.equal(['123#']);
    media.configureAcceptanceFilters([new FilterConfiguration(0x123, 0x1fffffff, Extended)]);
    expect(await passed()).to.deep.equal(['00000123#']);
    media.configureAcceptanceFilters([new FilterConfiguration(0x123, 0x1fffffff)]);
    expect(await passed()).to.deep.equal(['123#', '00000123#']);
    media.configureAcceptanceFilters([new FilterConfiguration(0x120, 0x7f0, Base)]);
    expect(await passed()).to.deep.equal(['123#', '124#']);
    media.configureAcceptanceFilters(new Set([FilterConfiguration.promiscuous()]));
    expect(await passed()).to.deep.equal(['123#', '00000123#', '124#']);
    // In the kernel: nothing was turned away on this side.
    expect(media.statistics).to.include({ filtered: 0, unsupported: 0 });
  });

  it('accepts nothing when the configuration is empty', async () => {
    listener.media.configureAcceptanceFilters([]);
    expect(await passed()).to.deep.equal([]);
    listener.media.configureAcceptanceFilters([FilterConfiguration.promiscuous()]);
    await listener.media.send(envelopes(true, '7FF#'), after(1000));
    await listener.until(1);
  });

  it('merges more filters than the kernel takes, accepting all that was asked for', async () => {
    const many = Array.from({ length: 700 }, (_, i) => new FilterConfiguration(i, 0x7ff, Base));
    listener.media.configureAcceptanceFilters(many);
    for (const identifier of [0, 511, 512, 699]) neighbour.write(frameBytes(identifier, 0));
    neighbour.write(frameBytes(EFF + 0x1fffffff, 0));
    await listener.until(4);
    await sleep(50);
    expect(listener.texts).to.deep.equal(['000#', '1FF#', '200#', '2BB#']);
  });

  it('keeps the old filters when the new ones are no filters', async () => {
    listener.media.configureAcceptanceFilters([new FilterConfiguration(0x124, 0x7ff, Base)]);
    expect(() => {
      listener.media.configureAcceptanceFilters(['123'] as never);
    }).to.throw(TypeError);
    neighbour.write(frameBytes(0x123, 0));
    neighbour.write(frameBytes(0x124, 0));
    await listener.until(1);
    await sleep(50);
    expect(listener.texts).to.deep.equal(['124#']);
  });

  it('delivers a requested echo that the filters do not accept, and nobody else of its identifier', async () => {
    listener.media.configureAcceptanceFilters([new FilterConfiguration(0x100, 0x7ff, Base)]);
    expect(await listener.media.send(envelopes(true, '555#01'), after(1000))).to.equal(1);
    expect(await listener.media.send(envelopes(false, '555#02', '100#03'), after(1000))).to.equal(
      2,
    );
    neighbour.write(frameBytes(0x555, 1, true));
    neighbour.write(frameBytes(0x100, 1, true));
    await listener.until(2);
    await sleep(100);
    expect(listener.texts).to.deep.equal(['555##101', '100##05A']);
    expect(listener.received.map(({ loopback }) => loopback)).to.deep.equal([true, false]);
    expect(listener.media.statistics).to.include({
      unrequested: 2,
      filtered: 1,
      receivedOwn: 1,
      received: 1,
    });
  });

  it('delivers requested echoes of remote frames, which the filters do not accept', async () => {
    const socket = new CANSocket(world.interfaceName, {
      filters: [FilterConfiguration.promiscuous()],
    });
    const received: string[] = [];
    socket.on('frames', (frames) => {
      received.push(...frames.map(({ frame, own }) => `${String(frame)}${own ? ' own' : ''}`));
    });
    await socket.send([new RemoteFrame(Base, 0x123, 2), new RemoteFrame(Extended, 0x123)], {
      echo: true,
    });
    neighbour.write(frameBytes(0x40000123, 2));
    neighbour.write(frameBytes(0x124, 0));
    await until(() => received.length === 3, 'two echoes and a frame');
    expect(received).to.deep.equal(['123#R2 own', '00000123#R own', '124#']);
    await socket.close();
  });

  it('changes filters 300 times under traffic without receiving a frame twice', async () => {
    const both = [
      [FilterConfiguration.promiscuous()],
      [new FilterConfiguration(0, 0, Extended), new FilterConfiguration(0, 0, Base)],
    ];
    let sent = 0;
    for (let swap = 0; swap < 300; swap++) {
      for (let i = 0; i < 10; i++) neighbour.write(frameBytes(EFF + sent++, 0));
      listener.media.configureAcceptanceFilters(both[swap % 2] as FilterConfiguration[]);
      if (swap % 20 === 0) await sleep(1);
    }
    await listener.until(sent);
    await sleep(50);
    expect(listener.received.map(({ frame }) => frame.identifier)).to.deep.equal(
      Array.from({ length: sent }, (_, i) => i),
    );
  });
}
