import { expect } from 'chai';
import { DataFrame, ErrorFrame, FilterConfiguration, FrameFormat, RemoteFrame, type Timestamp } from '../../src';
import { runFixture } from '../support/processes/ending';
import { until } from '../support/waiting/until';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { rejection } from '../support/asserts/thrown';
import { frameBytes, put, type World } from './world';
import { useWorld } from './world-sockets';

/** Frames whose identifiers count from `first` on, alternately in both formats. */
const frames = (count: number, first = 0): DataFrame[] =>
  Array.from({ length: count }, (_, i) => new DataFrame(i % 2 === 0 ? 11 : 29, first + i, Uint8Array.of(i)));

/** Whether no time is missing, all are between two moments, and none is before the one in front of it. */
function inOrder(begin: bigint, times: readonly (Timestamp | undefined)[], end: bigint): boolean {
  let last = begin;
  return times.every((time) => {
    const right = time !== undefined && time.monotonicNs >= last && time.monotonicNs <= end;
    last = time?.monotonicNs ?? last;
    return right;
  });
}

/** A send with `confirm` resolves when its frames have come back. */
export function confirm(world: World): void {
  const open = useWorld(world);
  const confirmation = world.kind === 'virtual' ? 'bus' : 'queued';
  const withConfirm = { ...LONG_TIMEOUT, confirm: true };

  it('reports when each frame has come back, and what a confirmation means', async () => {
    const socket = open.socket();
    expect(socket.confirmation).to.equal(confirmation);
    const list = [...frames(100), new RemoteFrame(11, 5, 2), ...frames(1)];
    const begin = process.hrtime.bigint();
    const { confirmations = [], ...counts } = await socket.send(list, withConfirm);
    const end = process.hrtime.bigint();
    expect(counts).to.deep.equal({
      sent: 102,
      expired: 0,
      refused: 0,
      purged: 0,
      confirmed: 102,
      confirmation,
    });
    expect(confirmations).to.have.lengthOf(102);
    expect(inOrder(begin, confirmations, end)).to.equal(true);
    expect(socket.statistics).to.include({
      sent: 102,
      confirmed: 102,
      received: 0,
      receivedOwn: 0,
      unrequested: 0,
      discarded: 0,
    });
  });

  it('confirms the right calls when many send equal frames at once, some without confirm', async () => {
    const socket = open.socket();
    const list = frames(3);
    const calls = Array.from({ length: 90 }, (_, i) => socket.send(list, { ...LONG_TIMEOUT, confirm: i % 3 !== 2 }));
    const results = await Promise.all(calls);
    expect(results.map(({ confirmed }) => confirmed)).to.deep.equal(results.map((_, i) => (i % 3 === 2 ? 0 : 3)));
    const times = results.flatMap(({ confirmations = [] }) => confirmations);
    expect(inOrder(0n, times, process.hrtime.bigint())).to.equal(true);
    await until(() => socket.statistics.unrequested === 90, 'the unconfirmed frames come back, too');
    expect(socket.statistics).to.include({ confirmed: 180, receivedOwn: 0 });
  });

  it('delivers the echoes a confirmed call asks for, and no others', async () => {
    const listening = open.listeningSocket();
    const result = await listening.socket.send(frames(3), {
      ...withConfirm,
      echo: [true, false, true],
    });
    expect(result).to.include({ sent: 3, confirmed: 3 });
    await listening.until(2);
    expect(listening.texts).to.deep.equal(['000#00', '002#02']);
    expect(listening.statistics).to.include({ receivedOwn: 2, confirmed: 3, unrequested: 0 });
  });

  it('delivers all echoes to a socket that receives its own frames', async () => {
    const listening = open.listeningSocket({ receiveOwn: true });
    expect(await listening.socket.send(frames(3), withConfirm)).to.include({ sent: 3, confirmed: 3 });
    await listening.until(3);
    expect(listening.statistics).to.include({ receivedOwn: 3, confirmed: 3 });
  });

  for (const joinFilters of [false, true]) {
    it(`confirms frames that filters reject, joined: ${joinFilters}, and still rejects other frames`, async () => {
      const filters = [
        new FilterConfiguration(0x700, 0x7f0, FrameFormat.Base),
        new FilterConfiguration(0x701, 0x70f, FrameFormat.Base),
      ];
      const listening = open.listeningSocket({ filters, joinFilters });
      expect(await listening.socket.send(frames(4), withConfirm)).to.include({ confirmed: 4 });
      listening.socket.setFilters([]);
      expect(await listening.socket.send(frames(4, 0x50), withConfirm)).to.include({ confirmed: 4 });
      listening.socket.setFilters(filters);
      put(world, 0, 0x50, 0x701);
      await listening.until(1);
      expect(listening.texts).to.deep.equal(['701#']);
      expect(listening.statistics).to.include({ received: 1, receivedOwn: 0, confirmed: 8 });
    });
  }

  it('keeps frames that others send meanwhile for the first listener, in order', async () => {
    const socket = open.socket();
    const neighbour = world.neighbour();
    neighbour.write(frameBytes(0x100, 0));
    await socket.send(frames(2), withConfirm);
    neighbour.write(frameBytes(0x101, 0));
    await socket.send(frames(2), withConfirm);
    await until(() => socket.statistics.received === 2, 'both are received');
    const texts: string[] = [];
    socket.on('frames', (list) => texts.push(...list.map(({ frame }) => String(frame))));
    neighbour.write(frameBytes(0x102, 0));
    neighbour.close();
    await until(() => texts.length === 3, 'all frames');
    expect(texts).to.deep.equal(['100#', '101#', '102#']);
    expect(socket.statistics).to.include({ received: 3, discarded: 0, confirmed: 4 });
  });

  it('sends and confirms through a new socket after the interface was removed and added', async () => {
    const socket = open.socket();
    world.remove();
    const sending = socket.send(frames(3), withConfirm);
    await until(() => socket.state === 'gone', "the socket's state is gone");
    world.add();
    expect(await sending).to.include({ sent: 3, confirmed: 3, confirmation });
    expect(await socket.send(frames(3), withConfirm)).to.include({ sent: 3, confirmed: 3 });
  });

  it('rejects error frames, and sockets without loopback, before it sends anything', async () => {
    const socket = open.socket();
    const list = [...frames(1), new ErrorFrame(0x40, new Uint8Array(8))];
    const error = await rejection(socket.send(list, withConfirm));
    expect(error).to.be.instanceOf(RangeError);
    expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_FRAME' });
    expect(error.message).to.match(/^Frame 1 .*cannot be confirmed: error frames are not sent/);
    const mute = open.socket({ loopback: false });
    const second = await rejection(mute.send(frames(1), withConfirm));
    expect(second).to.include({ name: 'TypeError', code: 'ERR_SOCKETCAN_INVALID_OPTION' });
    expect([socket.statistics.sent, mute.statistics.sent]).to.deep.equal([0, 0]);
  });

  it('keeps the process alive until the call has ended, not longer', async () => {
    const { code, signal, stdout, stderr } = await runFixture('confirming', world.interfaceName, world.poller);
    expect({ code, signal, stderr }).to.deep.equal({ code: 0, signal: null, stderr: '' });
    expect(stdout).to.match(new RegExp(`^sent 1, confirmed 1, ${confirmation}\nending$`, 'm'));
  });
}
