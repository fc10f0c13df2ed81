import { expect } from 'chai';
import { DataFrame, FilterConfiguration, FrameFormat } from '../../src';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { until } from '../support/waiting/until';
import type { World } from './world';
import { useWorld } from './world-sockets';

const frame = (id: number): DataFrame => new DataFrame(11, id, Uint8Array.of(0xaa));

/** Frames without an echo, followed by equal frames. */
export function lostEchoes(world: World): void {
  const open = useWorld(world);
  const confirmed = { ...LONG_TIMEOUT, confirm: true };

  it('confirms a frame equal to earlier ones whose echoes the filters rejected', async () => {
    const filters = [new FilterConfiguration(0x100, 0x7ff, FrameFormat.Base)];
    const socket = open.socket({ filters });
    expect(await socket.send(frame(0x200), confirmed)).to.include({ confirmed: 1 });
    for (let i = 0; i < 3; i++) {
      expect(await socket.send(frame(0x300), LONG_TIMEOUT)).to.include({ sent: 1 });
    }
    for (let i = 0; i < 3; i++) {
      expect(await socket.send(frame(0x300), confirmed)).to.include({ confirmed: 1 });
    }
    expect(socket.statistics).to.include({ confirmed: 4, unrequested: 0 });
  });

  it('confirms frames equal to earlier ones whose echoes did not fit into the receive buffer', async () => {
    const socket = open.socket({ receiveOwn: true, receiveBufferSize: 8000 });
    const witness = open.listeningSocket();
    // The socket does not receive yet, so most of the echoes are dropped.
    const equal = new Array<DataFrame>(200).fill(frame(0x200));
    expect(await socket.send(equal, LONG_TIMEOUT)).to.include({ sent: 200 });
    await witness.until(200);
    const { dropped } = socket.statistics;
    expect(dropped).to.be.within(1, 199);
    let received = 0;
    let lost = 0;
    socket.on('overflow', (count) => (lost += count));
    socket.on('frames', ({ length }) => (received += length));
    await until(() => received === 200 - dropped && lost === dropped, "the event 'overflow'");
    const begin = process.hrtime.bigint();
    const result = await socket.send([frame(0x200), frame(0x200), frame(0x201)], confirmed);
    expect(result).to.include({ confirmed: 3 });
    const times = (result.confirmations ?? []).map((time) => time?.monotonicNs ?? 0n);
    expect(times).to.have.lengthOf(3);
    expect(times.every((time, i) => time >= (times[i - 1] ?? begin))).to.equal(true);
  });

  it('confirms equal frames after the link was down', async () => {
    const socket = open.socket();
    let ups = 0;
    socket.on('up', () => ups++);
    expect(await socket.send(frame(0x200), confirmed)).to.include({ confirmed: 1 });
    world.down();
    await until(() => socket.state === 'down', "the socket's state is down");
    world.up();
    await until(() => ups === 1, "the event 'up'");
    for (let i = 0; i < 3; i++) {
      expect(await socket.send(frame(0x200), confirmed)).to.include({ confirmed: 1 });
    }
  });
}
