import { expect } from 'chai';
import {
  DataFrame,
  ErrorFrame,
  FilterConfiguration,
  FrameFormat,
  RemoteFrame,
  SocketCANMedia,
  type Frame,
} from '../../../src';
import { EINVAL } from '../../../src/libc/errno';
import { frameBytes } from '../../contract/world';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { until } from '../../support/waiting/until';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { Random } from '../../support/traffic/random';
import { RawWriter } from '../../support/kernel/raw';
import { FULL } from '../../support/processes/nodes';
import { row } from '../../support/rows/row';

const NAME = 'vcan7';
const WRITES = FULL ? 10_000 : 4000;
/** Writes between two waits for the readers: less than their buffers hold, so that nothing is dropped. */
const BURST = 500;
const [EFF, RTR, ERR] = [0x80000000, 0x40000000, 0x20000000];
const FD_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** A written struct, as the header files have it. */
interface Written {
  readonly bytes: Uint8Array;
  readonly id: number;
  readonly length: number;
}

function struct(size: 16 | 72, id: number, length: number, random: Random): Written {
  const bytes = random.bytes(size);
  new Uint32Array(bytes.buffer)[0] = id;
  bytes[4] = length;
  return { bytes, id: id >>> 0, length };
}

/** Three in ten are good frames; the rest may be anything. */
function randomWrite(random: Random): Written {
  const size = random.below(2) === 0 ? 16 : 72;
  const base = random.below(0x800);
  const extended = EFF + random.below(0x20000000);
  if (random.below(10) < 3) {
    const length = FD_LENGTHS[random.below(size === 16 ? 9 : 16)] as number;
    return struct(size, random.below(2) === 0 ? base : extended, length, random);
  }
  const ids = [base, extended, random.word(), ERR + random.below(0x20000000), RTR + base];
  ids.push(RTR + extended, base | (1 << random.below(29)), ERR + (1 << random.below(29)), ERR);
  const length = random.below([9, 65, 256][random.below(3)] as number);
  return struct(size, ids[random.below(ids.length)] as number, length, random);
}

/** What linux/can.h and the standard say this is; undefined for nothing. Not by this library's decoder. */
function meaning({ bytes, id, length }: Written): Frame | undefined {
  const identifier = id & 0x1fffffff;
  const fd = bytes.length === 72;
  if ((id & ERR) !== 0) {
    const data = new Uint8Array(8);
    data.set(bytes.subarray(8, 8 + Math.min(length, 8)));
    return fd ? undefined : new ErrorFrame(identifier, data);
  }
  const format = id >= EFF ? FrameFormat.Extended : FrameFormat.Base;
  if (identifier >= 2 ** format) return undefined;
  if ((id & RTR) !== 0) return fd ? undefined : new RemoteFrame(format, identifier, length);
  if (!FD_LENGTHS.includes(length)) return undefined;
  const flags = bytes[5] as number;
  const bits = fd ? { fd, brs: (flags & 1) !== 0, esi: (flags & 2) !== 0 } : {};
  return new DataFrame(format, identifier, bytes.slice(8, 8 + length), bits);
}

/** The media's errors by the bits of linux/can/error.h, in the order of its reports. */
function mediaErrors({ raw: { classMask, data } }: ErrorFrame): string[] {
  const states = ['rx-overflow', 'tx-overflow', 'rx-warning', 'tx-warning'];
  states.push('rx-passive', 'tx-passive');
  return [
    ...((classMask & 0x01) !== 0 ? ['tx-timeout'] : []),
    ...((classMask & 0x40) !== 0 ? ['bus-off'] : []),
    ...((classMask & 0x04) !== 0 ? states.filter((_, bit) => ((data[1] as number) & (1 << bit)) !== 0) : []),
  ];
}

/** What one reader must have when all is over. */
class Expectation {
  readonly texts: string[] = [];
  unsupported = 0;

  /** Fails by the first text that is not as it must be, and names the seed. */
  check(name: string, seed: number, texts: readonly string[], unsupported: number): void {
    const at = this.texts.findIndex((text, index) => text !== texts[index]);
    const where = `${name}, seed ${seed}, frame ${at}`;
    if (at >= 0) expect(texts[at], where).to.equal(this.texts[at]);
    expect(texts.length, where).to.equal(this.texts.length);
    expect(unsupported, `${name}, seed ${seed}: unsupported`).to.equal(this.unsupported);
  }
}

describe('Random frames on a vcan', () => {
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(() => {
    removeLink(NAME);
  });

  row('B19', `delivers or counts each of ${WRITES} random writes of 16 and 72 bytes`, async (seen) => {
    const random = Random.fromEnvironment();
    seen(`seed ${random.seed}`);
    const writer = new RawWriter(NAME);
    const filter = new FilterConfiguration(0x100, 0x700, FrameFormat.Base);
    const all = new ListeningSocket(NAME, { errorMask: 0x1fffffff });
    const classic = new ListeningSocket(NAME, { fd: false });
    const filtered = new ListeningSocket(NAME, { filters: [filter], errorMask: ['no-ack'] });
    const media = new SocketCANMedia(NAME, 64);
    const mediaLog: string[] = [];
    media.on('error', (error) => mediaLog.push(error.message));
    media.start(
      (frames) => mediaLog.push(...frames.map(({ frame }) => String(frame))),
      false,
      (_, error) => mediaLog.push(error),
    );
    const expected = {
      all: new Expectation(),
      classic: new Expectation(),
      filtered: new Expectation(),
      media: new Expectation(),
    };

    /** Writes a frame, and notes what the kernel lets through to each reader, and what they make of it. */
    function write(written: Written): boolean {
      const { bytes, id, length } = written;
      const valid = length <= (bytes.length === 16 ? 8 : 64);
      const result = writer.write(bytes);
      expect(result, `seed ${random.seed}`).to.equal(valid ? bytes.length : -EINVAL);
      if (!valid) return false;
      const frame = meaning(written);
      const isError = (id & ERR) !== 0;
      const give = (to: Expectation, texts = [String(frame)]): void => {
        if (frame === undefined || texts.length === 0) to.unsupported++;
        else to.texts.push(...texts);
      };
      if (!isError || (id & 0x1fffffff) !== 0) give(expected.all);
      if (!isError && bytes.length === 16) give(expected.classic);
      if (isError ? (id & 0x20) !== 0 : ((id ^ 0x100) & (EFF | RTR | 0x700)) === 0) {
        give(expected.filtered);
      }
      if (!isError) give(expected.media, frame instanceof RemoteFrame ? [] : undefined);
      else if ((id & 0x45) !== 0) {
        give(expected.media, frame instanceof ErrorFrame ? mediaErrors(frame) : undefined);
      }
      return true;
    }

    let accepted = 0;
    for (let count = 1; count <= WRITES; count++) {
      if (write(randomWrite(random))) accepted++;
      if (count % BURST !== 0) continue;
      // Every reader hears this one, after all before it.
      write({ bytes: frameBytes(0x1ff, 0), id: 0x1ff, length: 0 });
      await until(
        () =>
          [all.texts.length, classic.texts.length, filtered.texts.length, mediaLog.length].every(
            (length, reader) => length >= (Object.values(expected)[reader]?.texts.length ?? 0),
          ),
        `seed ${random.seed}: all readers have the first ${count}`,
      );
    }

    for (const [name, each] of Object.entries({ all, classic, filtered })) {
      const { unsupported, received, dropped } = each.statistics;
      const wanted = expected[name as keyof typeof expected];
      wanted.check(name, random.seed, each.texts, unsupported);
      expect({ received, dropped }).to.deep.equal({ received: wanted.texts.length, dropped: 0 });
      expect(each.errors).to.deep.equal([]);
      seen(`${name}: ${received} received + ${unsupported} unsupported`);
    }
    const { unsupported, dropped } = media.statistics;
    expected.media.check('media', random.seed, mediaLog, unsupported);
    expect(dropped).to.equal(0);
    seen(`media: ${mediaLog.length} frames and errors + ${unsupported} unsupported`);
    seen(`${accepted} accepted by the kernel`);
    writer.close();
    await Promise.all([all.close(), classic.close(), filtered.close(), media.close()]);
  });
});
