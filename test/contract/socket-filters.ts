import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import {
  DataFrame,
  FilterConfiguration,
  FrameFormat,
  RemoteFrame,
  type CANFilter,
  type CANSocket,
  type CANSocketOptions,
} from '../../src';
import { until } from '../support/waiting/until';
import { FRAME_FLAGS, ID, RAW_FILTER_VARIANTS } from '../support/kernel/raw-filter-variants';
import { thrown } from '../support/asserts/thrown';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { frameBytes, type Neighbour, type World } from './world';
import { useWorld } from './world-sockets';

const { Base, Extended } = FrameFormat;
const EFF = 0x80000000;
const RTR = 0x40000000;

/** The last frame of each step. The filters of each test accept it. */
const FENCE = 0x1fe;
const acceptFence: CANFilter = new FilterConfiguration(FENCE, 0x7ff, Base);

/** The filters of a CANSocket: everything CAN_RAW_FILTER can do. */
export function socketFilters(world: World): void {
  const sockets = useWorld(world);
  let neighbour: Neighbour;
  let received: string[];
  beforeEach(() => {
    neighbour = world.neighbour();
    received = [];
  });
  afterEach(() => {
    neighbour.close();
  });

  function open(options: CANSocketOptions): CANSocket {
    const socket = sockets.socket(options);
    socket.on('frames', (frames) => {
      received.push(...frames.map(({ frame, own }) => `${String(frame)}${own ? ' own' : ''}`));
    });
    return socket;
  }

  /** The frames that the socket receives of those a neighbour writes with these can_ids. */
  async function passing(canIds: readonly number[]): Promise<string[]> {
    received.length = 0;
    for (const canId of [...canIds, FENCE]) neighbour.write(frameBytes(canId, 0));
    await until(() => received.at(-1) === '1FE#', 'the fence');
    return received.slice(0, -1);
  }

  /** The texts of frames with these can_ids. */
  function texts(canIds: readonly number[]): string[] {
    return canIds.map((canId) => {
      const digits = (canId % RTR).toString(16).toUpperCase();
      return `${digits.padStart(canId >= EFF ? 8 : 3, '0')}#${(canId & RTR) === 0 ? '' : 'R'}`;
    });
  }

  const frames = FRAME_FLAGS.map((flags) => ID + flags);

  for (const echo of [false, true]) {
    const when = echo ? ', also after an echo was requested' : '';
    it(`accepts the frames that the kernel’s test_raw_filter expects${when}`, async () => {
      const opened = open({ filters: [acceptFence] });
      if (echo) {
        await opened.send(new RemoteFrame(Extended, ID), { ...LONG_TIMEOUT, echo: true });
        await until(() => received.length === 1, 'the echo');
      }
      for (const { name, filter, passing: flags } of RAW_FILTER_VARIANTS) {
        if (filter === undefined) continue;
        opened.setFilters([filter, acceptFence]);
        const expected = texts(flags.map((each) => ID + each));
        expect(await passing(frames), name).to.deep.equal(expected);
      }
      // The kernel filters, except the one frame whose echoes must pass: 6 of 10 filters reject that frame.
      expect(opened.statistics.filtered).to.equal(echo ? 6 : 0);
    });
  }

  it('accepts by an inverted filter exactly the frames that the filter rejects', async () => {
    const exact = { identifier: ID, mask: 0x7ff };
    const opened = open({ filters: [{ ...exact, format: Base, inverted: true }] });
    const all = [...frames, ID + 1, ID + 1 + RTR, EFF + 0x1fffffff];
    expect(await passing(all)).to.deep.equal(texts(all.slice(1)));
    opened.setFilters([{ ...exact, format: Extended, remote: true, inverted: true }]);
    expect(await passing(all)).to.deep.equal(texts(all.filter((_, i) => i !== 3)));
    opened.setFilters([{ ...exact, remote: 'any', inverted: true }]);
    expect(await passing(all)).to.deep.equal(texts(all.slice(4)));
    opened.setFilters([{ identifier: 0, mask: 0, remote: 'any', inverted: true }, acceptFence]);
    expect(await passing(all)).to.deep.equal([]);
    expect(opened.statistics.filtered).to.equal(0);
  });

  it('accepts a range without one identifier by joined filters, one of them inverted', async () => {
    const filters = [
      { identifier: 0x100, mask: 0x700, format: Base },
      { identifier: 0x123, mask: 0x7ff, format: Base, inverted: true },
    ];
    const opened = open({ joinFilters: true, filters });
    const all = [0xff, 0x100, 0x122, 0x123, 0x124, 0x1ff, 0x200, EFF + 0x150, RTR + 0x150];
    const wanted = texts([0x100, 0x122, 0x124, 0x1ff]);
    expect(await passing(all)).to.deep.equal(wanted);
    expect(opened.statistics.filtered).to.equal(0);
    const echoed = [new DataFrame(Base, 0x123, new Uint8Array(0)), new RemoteFrame(Base, 0x555)];
    received.length = 0;
    await opened.send(echoed, { ...LONG_TIMEOUT, echo: true });
    await until(() => received.length === 2, 'two echoes');
    expect(received).to.deep.equal(['123# own', '555#R own']);
    expect(await passing([...all, RTR + 0x555])).to.deep.equal(wanted);
    // Joined filters cannot let echoes pass, so the library filters now.
    expect(opened.statistics.filtered).to.equal(6);
  });

  it('accepts by 512 filters of all kinds, and rejects one more', async () => {
    const filters: CANFilter[] = Array.from({ length: 511 }, (_, i) => ({
      identifier: i + 0x200,
      mask: 0x7ff,
      format: Base,
      remote: i % 2 === 1,
    }));
    const opened = open({ filters: [...filters, acceptFence] });
    const all = [0x1ff, 0x200, 0x201, 0x3fd, 0x3fe, 0x3ff];
    const asked = [...all, ...all.map((id) => id + RTR)];
    const wanted = texts([0x200, 0x3fe, RTR + 0x201, RTR + 0x3fd]);
    expect(await passing(asked)).to.deep.equal(wanted);
    const error = thrown(() => {
      opened.setFilters([...filters, acceptFence, acceptFence]);
    });
    expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FILTER');
    expect(await passing(asked), 'the old filters stay').to.deep.equal(wanted);
  });

  it('accepts every frame of 600 merged filters', async () => {
    const plain = Array.from({ length: 599 }, (_, i) => new FilterConfiguration(i * 0x1000, 0x1fffffff, Extended));
    const remote = { identifier: 5, mask: 0x1fffffff, format: Extended, remote: true };
    const options = { optimizeFilters: true };
    const opened = open({ ...options, filters: [...plain, remote, acceptFence] });
    const all = plain.map(({ identifier }) => EFF + identifier);
    const others = [0, 0x7ff, EFF + 5, EFF + RTR, EFF + 0x10000000];
    const wanted = texts([...all, EFF + RTR + 5]);
    expect(await passing([...all, EFF + RTR + 5, ...others])).to.deep.equal(wanted);
    opened.setFilters([acceptFence]);
    expect(await passing(all)).to.deep.equal([]);
    opened.setFilters([...plain, remote, acceptFence]);
    expect(await passing([...all, EFF + RTR + 5, ...others])).to.deep.equal(wanted);
  });

  it('receives every frame once while filters of all kinds change 300 times', async () => {
    const remote = { identifier: 0, mask: 0, remote: true };
    const sets: CANFilter[][] = [
      [{ identifier: 0, mask: 0, remote: 'any' }],
      [{ ...remote, inverted: true }, remote],
      [FilterConfiguration.promiscuous(), { ...remote, format: Base }, { ...remote, format: Extended }],
    ];
    const opened = open({ receiveBufferSize: 8 * 1024 * 1024 });
    const sent: number[] = [];
    for (let swap = 0; swap < 300; swap++) {
      for (let i = 0; i < 10; i++) {
        const canId = EFF + (sent.length % 2) * RTR + sent.length;
        neighbour.write(frameBytes(canId, 0));
        sent.push(canId);
      }
      opened.setFilters(sets[swap % 3] as CANFilter[]);
      if (swap % 20 === 0) await turn();
    }
    neighbour.write(frameBytes(FENCE, 0));
    await until(() => received.at(-1) === '1FE#', 'the fence');
    expect(received.slice(0, -1)).to.deep.equal(texts(sent));
  });
}
