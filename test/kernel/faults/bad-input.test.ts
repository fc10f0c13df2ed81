import { expect } from 'chai';
import { DataFrame, FrameFormat } from '../../../src';
import { EINVAL } from '../../../src/libc/errno';
import { frameBytes } from '../../contract/world';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { ListeningMedia } from '../../support/sockets/media';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { RawReader, RawWriter } from '../../support/kernel/raw';
import { keepThread } from '../../support/processes/keep-thread';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { row } from '../../support/rows/row';
import { rejection } from '../../support/asserts/thrown';

const NAME = 'vcan7';
const EFF = 0x80000000;
const RTR = 0x40000000;
const FD_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
const LENGTHS = Array.from({ length: 256 }, (_, length) => length);
const FENCE = '7FF#';

/** Whether this library makes a frame of so many bytes. */
function makes(length: number, fd: boolean): boolean {
  try {
    new DataFrame(FrameFormat.Base, 0x123, new Uint8Array(length), { fd });
    return true;
  } catch (error) {
    expect(error).to.be.instanceOf(RangeError).with.property('code', 'ERR_SOCKETCAN_INVALID_FRAME');
    return false;
  }
}

describe('Bad frames on a vcan', () => {
  keepThread();
  let writer: RawWriter;
  let listener: ListeningSocket;
  beforeEach(() => {
    addVcan(NAME);
    writer = new RawWriter(NAME);
    listener = new ListeningSocket(NAME);
  });
  afterEach(async () => {
    writer.close();
    await listener.close();
    removeLink(NAME);
  });

  /** What the listener received of all that was written before. */
  function received(): Promise<string[]> {
    expect(writer.writeFrame(0x7ff, 0)).to.equal(16);
    return listener.takeBefore(FENCE);
  }

  row('B1', 'accepts classic frames of the lengths that the kernel accepts, of 0 to 255', async (seen) => {
    const accepted = LENGTHS.filter((length) => {
      const result = writer.writeFrame(0x123, length);
      expect(result).to.be.oneOf([16, -EINVAL]);
      return result === 16;
    });
    expect(accepted).to.deep.equal(FD_LENGTHS.slice(0, 9));
    expect(LENGTHS.filter((length) => makes(length, false))).to.deep.equal(accepted);
    expect(await received()).to.deep.equal(accepted.map((n) => `123#${'5A'.repeat(n)}`));
    seen(`${accepted.length} accepted by the kernel, and by DataFrame the same`);
  });

  row('B2', 'counts CAN FD frames of invalid length as unsupported, of 0 to 255', async (seen) => {
    const accepted = LENGTHS.filter((length) => writer.writeFrame(0x123, length, true) === 72);
    expect(accepted).to.deep.equal(LENGTHS.slice(0, 65));
    expect(LENGTHS.filter((length) => makes(length, true))).to.deep.equal(FD_LENGTHS);
    expect(await received()).to.deep.equal(FD_LENGTHS.map((n) => `123##0${'5A'.repeat(n)}`));
    expect(listener.statistics).to.include({ unsupported: 49, dropped: 0 });
    seen('65 accepted by the kernel, 16 delivered, 49 counted unsupported');
  });

  row('B2t', 'sends payloads of 0 to 64 bytes with padding', async (seen) => {
    const sender = new ListeningSocket(NAME);
    for (const length of LENGTHS.slice(0, 65)) {
      const padded = new Uint8Array(length + DataFrame.requiredPadding(length)).fill(1, 0, length);
      const frame = new DataFrame(FrameFormat.Base, length, padded, { fd: true });
      expect(await sender.socket.send(frame, LONG_TIMEOUT)).to.include({ sent: 1, expired: 0 });
    }
    await received();
    expect(listener.statistics).to.include({ received: 66, unsupported: 0 });
    seen('all 65 sent and received');
  });

  row('B3', 'delivers writes of 16 and 72 bytes, of 0 to 80', async (seen) => {
    const bytes = Buffer.from(frameBytes(0x123, 1, true));
    const whole = Buffer.concat([bytes, Buffer.alloc(8)]);
    const accepted = LENGTHS.slice(0, 81).filter((length) => {
      const result = writer.write(whole.subarray(0, length));
      expect(result).to.be.oneOf([length, -EINVAL]);
      return result === length;
    });
    expect(accepted).to.deep.equal([16, 72]);
    expect(await received()).to.deep.equal(['123#5A', '123##05A']);
    seen('16 and 72 accepted and delivered, the others EINVAL');
  });

  row('B4', 'rejects a CAN FD frame when the socket has no CAN FD', async (seen) => {
    const classic = new RawWriter(NAME, false);
    expect(classic.writeFrame(0x123, 1, true)).to.equal(-EINVAL);
    classic.close();
    const sender = new ListeningSocket(NAME, { fd: false });
    const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array(12));
    const error = await rejection(sender.socket.send(frame));
    expect(error).to.be.instanceOf(RangeError).with.property('code', 'ERR_SOCKETCAN_INVALID_FRAME');
    const media = new ListeningMedia(NAME, 8);
    const sending = media.media.send([{ frame, loopback: false }], 0n);
    expect(await rejection(sending)).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FRAME');
    expect(await received()).to.deep.equal([]);
    seen('the kernel EINVAL, the socket and the media a RangeError, nothing sent');
    await media.close();
  });

  row('B5', 'delivers no CAN FD frame to a reader without CAN FD', async (seen) => {
    const classic = new ListeningSocket(NAME, { fd: false });
    expect(writer.writeFrame(0x123, 1, true)).to.equal(72);
    expect(await received()).to.deep.equal(['123##05A']);
    expect(await classic.takeBefore(FENCE)).to.deep.equal([]);
    expect(classic.statistics).to.include({ received: 1, unsupported: 0, dropped: 0 });
    seen('not delivered by the kernel, in no count');
  });

  row('B6', 'ignores garbage in flags, reserved bytes and padding', async (seen) => {
    for (let byte = 0; byte < 256; byte++) {
      const classic = Buffer.from(frameBytes(0x123, 2)).fill(byte, 5, 8).fill(byte, 10);
      expect(writer.write(classic)).to.equal(16);
      const fd = Buffer.from(frameBytes(0x123, 2, true))
        .fill(byte, 5, 8)
        .fill(byte, 10);
      expect(writer.write(fd)).to.equal(72);
    }
    const expected = LENGTHS.flatMap((byte) => ['123#5A5A', `123##${byte & 3}5A5A`]);
    expect(await received()).to.deep.equal(expected);
    expect(listener.statistics.unsupported).to.equal(0);
    seen('512 delivered; of all flags only BRS and ESI are read');
  });

  row('B6d', 'delivers 8 bytes of classic frames with len8_dlc 9 to 15', async (seen) => {
    for (let dlc = 9; dlc <= 15; dlc++) {
      const bytes = Buffer.from(frameBytes(0x123, 8));
      bytes[7] = dlc;
      expect(writer.write(bytes)).to.equal(16);
    }
    expect(await received()).to.deep.equal(Array(7).fill('123#5A5A5A5A5A5A5A5A'));
    seen('7 delivered as frames of 8 bytes');
  });

  row('B7', 'counts base frames with identifiers above 0x7FF as unsupported', async (seen) => {
    const reader = new RawReader(NAME);
    const identifiers = [0x800, 0x1fffffff, 0x1ffff800];
    for (let bit = 11; bit < 29; bit++) identifiers.push(2 ** bit, 2 ** bit + 0x123);
    for (const identifier of identifiers) {
      expect(writer.writeFrame(identifier, 1)).to.equal(16);
      expect(writer.writeFrame(identifier, 1, true)).to.equal(72);
      expect(writer.writeFrame(RTR + identifier, 1)).to.equal(16);
    }
    const count = 3 * identifiers.length;
    expect(await reader.take(count)).to.have.length(count);
    reader.close();
    expect(await received()).to.deep.equal([]);
    expect(listener.statistics).to.include({ received: 1, unsupported: count });
    seen(`the kernel delivers all ${count}; all counted unsupported`);
  });

  row('B8', 'delivers remote frames of length 0 to 8 to a socket, and none to a media', async (seen) => {
    const media = new ListeningMedia(NAME, 64);
    const expected: string[] = [];
    for (let length = 0; length <= 8; length++) {
      expect(writer.writeFrame(RTR + 0x123, length)).to.equal(16);
      expect(writer.writeFrame(EFF + RTR + 0x1badc0fe, length)).to.equal(16);
      expected.push(`123#R${length || ''}`, `1BADC0FE#R${length || ''}`);
    }
    expect(writer.writeFrame(RTR + 0x123, 8, true)).to.equal(72);
    expect(await received()).to.deep.equal(expected);
    expect(listener.statistics.unsupported).to.equal(1);
    await media.until(1);
    expect(media.texts).to.deep.equal([FENCE]);
    expect(media.media.statistics).to.include({ received: 1, unsupported: 19 });
    seen('a socket has 18 and counts the one in CAN FD, a media counts all 19');
    await media.close();
  });

  row('B9', 'delivers error frames by their class, and none without a class', async (seen) => {
    const all = new ListeningSocket(NAME, { errorMask: 0x1fffffff });
    const some = new ListeningSocket(NAME, { errorMask: ['controller', 'bus-off'] });
    const classes = [0, ...Array.from({ length: 29 }, (_, bit) => 2 ** bit)];
    for (const each of classes) expect(writer.writeError(each, [])).to.equal(16);
    expect(await received()).to.deep.equal([]);
    await all.until(30);
    await some.until(3);
    const masks = (each: ListeningSocket) => each.errorFrames.map(({ raw }) => raw.classMask);
    expect(masks(all)).to.deep.equal(classes.slice(1));
    expect(masks(some)).to.deep.equal([0x04, 0x40]);
    expect(some.texts).to.deep.equal(['error: controller', 'error: bus-off', FENCE]);
    expect(all.statistics.unsupported + some.statistics.unsupported).to.equal(0);
    seen('none without a mask, 29 of 30 with the full mask: never that without a class');
  });
});
