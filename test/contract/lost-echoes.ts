import { expect } from 'chai';
import { CANSocket, DataFrame, FilterConfiguration, FrameFormat } from '../../src';
import { until } from '../support/waiting/until';
import type { World } from './world';

const frame = (id: number): DataFrame => new DataFrame(11, id, Uint8Array.of(0xaa));

/** Echoes that do not come, and frames that are equal. */
export function lostEchoes(world: World): void {
  let socket: CANSocket;
  beforeEach(() => {
    world.create();
  });
  afterEach(async () => {
    await socket.close();
    world.destroy();
  });

  it('confirms a frame equal to ones whose echoes the filters have kept out', async () => {
    const filters = [new FilterConfiguration(0x100, 0x7ff, FrameFormat.Base)];
    socket = new CANSocket(world.interfaceName, { filters });
    expect(await socket.send(frame(0x200), { confirm: true })).to.include({ confirmed: 1 });
    for (let i = 0; i < 3; i++) expect(await socket.send(frame(0x300))).to.include({ sent: 1 });
    for (let i = 0; i < 3; i++) {
      const options = { confirm: true, timeoutMs: 5000 };
      expect(await socket.send(frame(0x300), options)).to.include({ confirmed: 1 });
    }
    expect(socket.statistics).to.include({ confirmed: 4, unrequested: 0 });
  });

  it('confirms equal frames after the link was down', async () => {
    socket = new CANSocket(world.interfaceName);
    let ups = 0;
    socket.on('up', () => ups++);
    const options = { confirm: true, timeoutMs: 5000 };
    expect(await socket.send(frame(0x200), options)).to.include({ confirmed: 1 });
    world.down();
    await until(() => socket.state === 'down', 'it is told that the link is down');
    world.up();
    await until(() => ups === 1, 'it is told that the link is up');
    for (let i = 0; i < 3; i++) {
      expect(await socket.send(frame(0x200), options)).to.include({ confirmed: 1 });
    }
  });
}
