import { expect } from 'chai';
import { MediaError, type MediaError as MediaErrorName } from '../../src';
import { until } from '../support/waiting/until';
import { errorBytes, frameBytes, type Neighbour, type World } from './world';
import { useWorld } from './world-sockets';

const EFF = 0x80000000;
const RTR = 0x40000000;

export function badFrames(world: World): void {
  const open = useWorld(world);
  let neighbour: Neighbour;
  beforeEach(() => {
    neighbour = world.neighbour();
  });
  afterEach(() => {
    neighbour.close();
  });

  it('delivers every good frame among remote frames, bad identifiers and bad lengths, and counts each bad one', async () => {
    const listener = open.listeningMedia();
    const bad: [canId: number, length: number, fd: boolean][] = [
      [RTR | 0x123, 0, false],
      [RTR | 0x123, 8, false],
      [EFF + RTR + 0x1badc0fe, 4, false],
      [0x800, 1, false], // Above 0x7FF without the EFF flag.
      [0x1fffffff, 8, false],
      [0x123, 9, true], // Not a length of CAN FD.
      [0x123, 63, true],
      [RTR | 0x123, 8, true], // CAN FD has no remote frames.
    ];
    const good: string[] = [];
    for (const [index, [canId, length, fd]] of bad.entries()) {
      expect(neighbour.write(frameBytes(0x100 + index, index, false)), `good ${index}`).to.equal(16);
      good.push(`${(0x100 + index).toString(16)}#${'5A'.repeat(index)}`);
      expect(neighbour.write(frameBytes(canId, length, fd)), `bad ${index}`).to.equal(fd ? 72 : 16);
    }
    expect(neighbour.write(frameBytes(0x7ff, 0))).to.equal(16);
    good.push('7FF#');
    await listener.until(good.length);
    expect(listener.texts).to.deep.equal(good);
    expect(listener.media.statistics).to.include({
      received: good.length,
      unsupported: bad.length,
      dropped: 0,
    });
    expect(listener.batches).to.not.include(0);
  });

  it('ignores garbage in flags and reserved bytes', async () => {
    const listener = open.listeningMedia();
    const classic = Buffer.from('230100000299aa0f5a5a000000000000', 'hex');
    expect(neighbour.write(classic)).to.equal(16);
    const fd = Buffer.concat([Buffer.from('2301000002ffaabb5a5a', 'hex'), Buffer.alloc(62)]);
    expect(neighbour.write(fd)).to.equal(72);
    await listener.until(2);
    expect(listener.texts).to.deep.equal(['123#5A5A', '123##35A5A']);
  });

  it('receives no error frames without an error handler', async () => {
    const listener = open.listeningMedia();
    expect(neighbour.write(errorBytes(0x40, [0, 0, 0, 0, 0, 0, 0, 0]))).to.equal(16);
    expect(neighbour.write(frameBytes(0x123, 0))).to.equal(16);
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['123#']);
    expect(listener.media.statistics.unsupported).to.equal(0);
  });

  it('reports each of the eight errors once, after the frames received before it', async () => {
    const media = open.media();
    const log: string[] = [];
    const stamps: bigint[] = [];
    const begin = process.hrtime.bigint();
    media.start(
      (frames) => log.push(...frames.map(({ frame }) => String(frame))),
      false,
      (timestamp, error: MediaErrorName) => {
        stamps.push(timestamp.monotonicNs);
        log.push(error);
      },
    );
    const [TX_TIMEOUT, CRTL, BUSOFF] = [0x1, 0x4, 0x40];
    neighbour.write(frameBytes(0x100, 0));
    neighbour.write(errorBytes(TX_TIMEOUT, [0, 0, 0, 0, 0, 0, 0, 0]));
    neighbour.write(frameBytes(0x101, 0));
    neighbour.write(errorBytes(BUSOFF, [0, 0, 0, 0, 0, 0, 0, 0]));
    for (const bit of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20]) {
      neighbour.write(errorBytes(CRTL, [0, bit, 0, 0, 0, 0, 0, 0]));
    }
    neighbour.write(errorBytes(CRTL, [0, 0x40, 0, 0, 0, 0, 0, 0])); // Error-active again: not one of the eight.
    neighbour.write(errorBytes(CRTL | BUSOFF, [0, 0x30, 0, 0, 0, 0, 0, 0])); // Three at once.
    neighbour.write(frameBytes(0x102, 0));
    await until(() => log.includes('102#'), 'the last frame');
    expect(log).to.deep.equal([
      '100#',
      MediaError.TxTimeout,
      '101#',
      MediaError.BusOff,
      MediaError.RxOverflow,
      MediaError.TxOverflow,
      MediaError.RxWarning,
      MediaError.TxWarning,
      MediaError.RxPassive,
      MediaError.TxPassive,
      MediaError.BusOff,
      MediaError.RxPassive,
      MediaError.TxPassive,
      '102#',
    ]);
    const end = process.hrtime.bigint();
    expect(stamps.every((stamp) => stamp >= begin && stamp <= end)).to.equal(true);
    expect(media.statistics).to.include({ received: 3, unsupported: 1 });
  });
}
