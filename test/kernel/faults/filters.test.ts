import { expect } from 'chai';
import { DataFrame, FilterConfiguration, FrameFormat, SocketCANMedia } from '../../../src';
import { EINVAL } from '../../../src/libc/errno';
import { host } from '../../../src/libc/layouts';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { after, HANG_MS, until } from '../../support/waiting/until';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { ListeningMedia } from '../../support/sockets/media';
import { RawReader, RawWriter } from '../../support/kernel/raw';
import { keepThread } from '../../support/processes/keep-thread';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { row } from '../../support/rows/row';
import { thrown } from '../../support/asserts/thrown';

const { Base, Extended } = FrameFormat;
const NAME = 'vcan7';
const EFF = 0x80000000;
const RTR = 0x40000000;
const KINDS = [0x123, EFF + 0x123, EFF + 0xabc123, RTR + 0x123, EFF + RTR + 0x123];

/** Filters that pass the base identifiers counted from `first` on, one each. */
function singles(count: number, first = 0): FilterConfiguration[] {
  return Array.from({ length: count }, (_, i) => new FilterConfiguration(first + i, 0x7ff, Base));
}

function kernelFilters(...pairs: [can_id: number, can_mask: number][]): Buffer {
  return Buffer.concat(pairs.map(([can_id, can_mask]) => host.can_filter.make({ can_id, can_mask })));
}

describe('Unusual acceptance filters', () => {
  keepThread();
  let writer: RawWriter;
  let listener: ListeningSocket;
  /** Sees what the listener does not: once it has the last frame, the listener was offered it too. */
  let witness: ListeningSocket;
  let written = 0;
  beforeEach(() => {
    addVcan(NAME);
    writer = new RawWriter(NAME);
    listener = new ListeningSocket(NAME);
    witness = new ListeningSocket(NAME);
    written = 0;
  });
  afterEach(async () => {
    writer.close();
    await listener.close();
    await witness.close();
    removeLink(NAME);
  });

  /** What the listener receives of empty frames with these identifiers; `fence` must pass its filters. */
  async function passing(identifiers: readonly number[], fence: number): Promise<string[]> {
    for (const each of [...identifiers, fence]) expect(writer.writeFrame(each, 0)).to.equal(16);
    written += identifiers.length + 1;
    await witness.until(written);
    return listener.takeBefore(`${fence.toString(16).toUpperCase().padStart(3, '0')}#`);
  }

  row('B13z', 'receives nothing with an empty list of filters', async (seen) => {
    const reader = new RawReader(NAME);
    expect(reader.setFilters(new Uint8Array(0))).to.equal(0);
    listener.socket.setFilters([]);
    for (const each of KINDS) writer.writeFrame(each, 0);
    await witness.until(KINDS.length);
    expect(reader.frames()).to.deep.equal([]);
    reader.close();
    written = KINDS.length;
    listener.socket.setFilters(singles(1, 0x7ff));
    expect(await passing([], 0x7ff)).to.deep.equal([]);
    seen('deaf, until there are filters again');
  });

  row('B13', 'accepts 512 filters and rejects 513', async (seen) => {
    const reader = new RawReader(NAME);
    const many = Array.from({ length: 513 }, (_, i): [number, number] => [i, 0x7ff]);
    expect(reader.setFilters(kernelFilters(...many.slice(1)))).to.equal(0);
    expect(reader.setFilters(kernelFilters(...many))).to.equal(-EINVAL);
    listener.socket.setFilters(singles(512, 1));
    const error = thrown(() => {
      listener.socket.setFilters(singles(513));
    });
    expect(error).to.be.instanceOf(RangeError).with.property('code', 'ERR_SOCKETCAN_INVALID_FILTER');
    const expected = ['001#', '1FF#'];
    expect(await passing([0, 1, 511, 513], 512)).to.deep.equal(expected);
    expect(reader.frames()).to.have.length(3); // The refused filters have changed nothing there either.
    reader.close();
    seen('512 taken; 513: the kernel EINVAL, a RangeError before the call; the 512 stay');
  });

  row('B13m', 'merges 700 filters of a media, and passes all wanted frames', async (seen) => {
    const media = new ListeningMedia(NAME, 64);
    media.media.configureAcceptanceFilters(singles(700));
    for (const each of [...Array(700).keys(), EFF + 1, 0x7ff]) writer.writeFrame(each, 0);
    await witness.until(702);
    await media.until(700);
    const identifiers = media.received.map(({ frame }) => frame.identifier);
    expect(identifiers.filter((each) => each < 700)).to.deep.equal([...Array(700).keys()]);
    expect(media.texts).to.not.include('00000001#');
    seen(`merged; all 700 wanted frames came, and ${identifiers.length - 700} more`);
    await media.close();
  });

  row('B13x', 'rejects invalid filters and keeps the old ones', async (seen) => {
    const reader = new RawReader(NAME);
    expect(reader.setFilters(new Uint8Array(12))).to.equal(-EINVAL);
    reader.close();
    listener.socket.setFilters(singles(1, 0x123));
    for (const wrong of ['123', [null], [0x123], [{ identifier: '1', mask: 1 }], undefined]) {
      const error = thrown(() => {
        listener.socket.setFilters(wrong as never);
      });
      expect(error).to.be.instanceOf(TypeError);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FILTER');
    }
    expect(await passing([0x124], 0x123)).to.deep.equal([]);
    seen('the kernel EINVAL, TypeErrors before any call; the old filter stays');
  });

  row('B14', 'delivers each frame once with duplicate and overlapping filters', async (seen) => {
    listener.socket.setFilters([
      ...Array<FilterConfiguration>(5).fill(new FilterConfiguration(0x123, 0x7ff, Base)),
      new FilterConfiguration(0x120, 0x7f0, Base),
      new FilterConfiguration(0x123, 0x1fffffff),
      FilterConfiguration.promiscuous(Base),
    ]);
    expect(await passing([0x123, 0x124, 0x123], 0x7ff)).to.deep.equal(['123#', '124#', '123#']);
    seen('each frame once');
  });

  row('B15', 'a FilterConfiguration passes one kind of frame, where the kernel passes five', async (seen) => {
    const reader = new RawReader(NAME);
    const counts: number[] = [];
    for (const filters of [[[0x123, 0x7ff]], [[0x123, 0xc00007ff]]]) {
      expect(reader.setFilters(kernelFilters(...(filters as [number, number][])))).to.equal(0);
      for (const each of KINDS) writer.writeFrame(each, 0);
      written += KINDS.length;
      // The kernel may deliver a little later than the writer's call ends.
      await witness.until(written);
      counts.push(reader.frames().length);
    }
    reader.close();
    expect(counts).to.deep.equal([5, 1]);
    listener.received.length = 0;
    const fence = new FilterConfiguration(0x7ff, 0x7ff, Base);
    listener.socket.setFilters([new FilterConfiguration(0x123, 0x7ff, Base), fence]);
    expect(await passing(KINDS, 0x7ff)).to.deep.equal(['123#']);
    listener.socket.setFilters([new FilterConfiguration(0x123, 0x1fffffff, Extended), fence]);
    expect(await passing(KINDS, 0x7ff)).to.deep.equal(['00000123#']);
    expect(listener.statistics.filtered).to.equal(0);
    seen('the kernel passes 5 of 5 kinds, with EFF and RTR in the mask 1; FilterConfiguration 1');
  });

  row('B16', 'loses no frame in 300 changes of filters', async (seen) => {
    const sets = [
      [FilterConfiguration.promiscuous()],
      [Base, Extended].map((format) => FilterConfiguration.promiscuous(format)),
    ];
    let sent = 0;
    for (let change = 0; change < 300; change++) {
      listener.socket.setFilters(sets[change % 2] as FilterConfiguration[]);
      for (let i = 0; i < 10; i++) expect(writer.writeFrame(EFF + sent++, 0)).to.equal(16);
      if (change % 10 === 0) await until(() => listener.received.length > sent / 2, 'half of them');
    }
    await listener.until(sent);
    await witness.until(sent);
    const expected = Array.from({ length: sent }, (_, i) => i);
    const identifiers = listener.received.map(({ frame }) => (frame as DataFrame).identifier);
    expect(identifiers).to.deep.equal(expected);
    seen(`${identifiers.length} received, in order, none twice`);
  });

  row('B17', 'delivers requested echoes that the filters do not pass', async (seen) => {
    const filters = [new FilterConfiguration(0x100, 0x7ff, Base)];
    const own = new ListeningSocket(NAME, { receiveOwn: true, filters });
    const asking = new ListeningSocket(NAME, { filters });
    const frames = [0x555, 0x100].map((id) => new DataFrame(Base, id, new Uint8Array(0)));
    await own.socket.send(frames, LONG_TIMEOUT);
    await asking.socket.send(frames, { ...LONG_TIMEOUT, echo: true });
    await Promise.all([own.until(2), asking.until(3)]);
    // The 100# without a mark is the other socket's.
    expect(own.texts).to.deep.equal(['100#', '100#']);
    expect(own.received.map((each) => each.own)).to.deep.equal([true, false]);
    expect(asking.texts).to.deep.equal(['100#', '555#', '100#']);
    expect(asking.received.map((each) => each.own)).to.deep.equal([false, true, true]);
    const media = new SocketCANMedia(NAME, 8);
    media.configureAcceptanceFilters(filters);
    const echoed: string[] = [];
    media.start((received) => echoed.push(...received.map(({ frame }) => String(frame))), false);
    await media.send(
      frames.map((frame) => ({ frame, loopback: true })),
      after(HANG_MS),
    );
    await until(() => echoed.length === 2, 'both echoes');
    expect(echoed).to.deep.equal(['555#', '100#']);
    seen('receiveOwn: the kernel holds them back; echo and loopback: delivered');
    await Promise.all([own.close(), asking.close(), media.close()]);
  });
});
