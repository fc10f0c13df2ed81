import { expect } from 'chai';
import { ErrorFrame, MediaError, SocketCANMedia, type ErrorClass } from '../../../src';
import { frameBytes } from '../../contract/world';
import { CLASSES, CONTROLLER, LOCATIONS, PROTOCOL, TRANSCEIVER } from '../../support/headers/error-header';
import { addVcan, removeLink } from '../../support/kernel/guest';
import { until } from '../../support/waiting/until';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { RawWriter } from '../../support/kernel/raw';
import { keepThread } from '../../support/processes/keep-thread';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { row } from '../../support/rows/row';

const NAME = 'vcan7';
const FENCE = '7FF#';
const BYTES = Array.from({ length: 256 }, (_, value) => value);
const [LOSTARB, CRTL, PROT, TRX, BUSOFF, CNT] = [0x02, 0x04, 0x08, 0x10, 0x40, 0x200];

/** Eight bytes, one of which is not zero. */
function only(at: number, value: number): number[] {
  const data = Array<number>(8).fill(0);
  data[at] = value;
  return data;
}

const hex = (value: number): string => `unknown-0x${value.toString(16).padStart(2, '0')}`;

describe('Error frames on a vcan', () => {
  keepThread();
  let writer: RawWriter;
  let listener: ListeningSocket;
  beforeEach(() => {
    addVcan(NAME);
    writer = new RawWriter(NAME);
    listener = new ListeningSocket(NAME, { errorMask: 0x1fffffff });
  });
  afterEach(async () => {
    writer.close();
    await listener.close();
    removeLink(NAME);
  });

  /** What the listener has of error frames of one class that differ in one byte. */
  async function decoded(classMask: number, at: number, values = BYTES): Promise<ErrorFrame[]> {
    for (const value of values) {
      expect(writer.writeError(classMask, only(at, value))).to.equal(16);
    }
    await listener.until(values.length);
    expect(listener.statistics).to.include({ received: values.length, unsupported: 0 });
    const raws = listener.errorFrames.map(({ raw }) => [...raw.data]);
    expect(raws).to.deep.equal(values.map((value) => only(at, value)));
    return listener.errorFrames;
  }

  row('E1', 'delivers each class to a socket with its mask, by name and by number', async (seen) => {
    const byName = CLASSES.map(([, , name]) => new ListeningSocket(NAME, { errorMask: [name as ErrorClass] }));
    const byNumber = CLASSES.map(([, value]) => new ListeningSocket(NAME, { errorMask: value }));
    for (const [, value] of CLASSES) writer.writeError(value, []);
    writer.writeFrame(0x7ff, 0);
    const texts = CLASSES.map(([, , name]) =>
      name === 'counters' ? 'error: counters (tx 0, rx 0)' : `error: ${name}`,
    );
    expect(await listener.takeBefore(FENCE)).to.deep.equal(texts);
    for (const [index, text] of texts.entries()) {
      for (const each of [byName[index], byNumber[index]]) {
        expect(await each?.takeBefore(FENCE)).to.deep.equal([text]);
      }
    }
    seen(`each of the ${CLASSES.length} to its own socket and to no other`);
    await Promise.all([...byName, ...byNumber].map((each) => each.close()));
  });

  row('E2', 'decodes every value of the controller byte', async (seen) => {
    const expected = BYTES.map((value) => [
      ...CONTROLLER.filter(([, bit]) => (value & bit) !== 0).map(([, , name]) => name),
      ...(value >= 0x80 ? [hex(0x80)] : []),
    ]);
    const frames = await decoded(CRTL, 1);
    expect(frames.map(({ controller }) => controller)).to.deep.equal(expected);
    expect(String(frames[0x18])).to.equal('error: controller (tx-warning, rx-passive)');
    seen('the 7 bits of the header by name, the eighth as unknown-0x80');
  });

  row('E3', 'decodes every value of the protocol violation byte', async (seen) => {
    const frames = await decoded(PROT, 2);
    const expected = BYTES.map((value) => PROTOCOL.filter(([, bit]) => (value & bit) !== 0).map(([, , name]) => name));
    expect(frames.map(({ protocol }) => protocol)).to.deep.equal(expected);
    expect(String(frames[0x84])).to.equal('error: protocol (stuff, tx)');
    seen('the 8 bits of the header by name');
  });

  row('E4', 'decodes every value of the protocol location byte', async (seen) => {
    const frames = await decoded(PROT, 3);
    const names = new Map<number, string | undefined>(LOCATIONS.map(([, at, name]) => [at, name]));
    names.set(0, undefined);
    // Segment codes of the SJA1000's ECC register that the header does not have.
    names.set(0x11, 'active-error-flag').set(0x13, 'tolerate-dominant-bits');
    names.set(0x16, 'passive-error-flag').set(0x17, 'error-delimiter').set(0x1c, 'overload-flag');
    expect(frames.map(({ location }) => location)).to.deep.equal(
      BYTES.map((value) => (names.has(value) ? names.get(value) : hex(value))),
    );
    expect(String(frames[0x1b])).to.equal('error: protocol (at ack-delimiter)');
    seen('19 places of the header and 5 of the SJA1000 by name, others as unknown-0x..');
  });

  row('E5', 'decodes every value of the transceiver byte', async (seen) => {
    const frames = await decoded(TRX, 4);
    const wire = (value: number): string[] => {
      const name = TRANSCEIVER.find(([, known]) => known === value)?.[2];
      return value === 0 ? [] : [name ?? hex(value)];
    };
    const expected = BYTES.map((value) =>
      value === 0 ? undefined : [...wire(value & 0x0f), ...wire(value & 0xf0)].join(','),
    );
    expect(frames.map(({ transceiver }) => transceiver)).to.deep.equal(expected);
    expect(String(frames[0x47])).to.equal('error: transceiver (canh-short-to-ground,canl-no-wire)');
    seen('both wires by the names of the header');
  });

  row('E6', 'decodes every bit at which arbitration is lost', async (seen) => {
    const frames = await decoded(LOSTARB, 0);
    expect(frames.map(({ lostArbitrationBit }) => lostArbitrationBit)).to.deep.equal([undefined, ...BYTES.slice(1)]);
    expect(frames.slice(0, 2).map(String)).to.deep.equal([
      'error: lost-arbitration',
      'error: lost-arbitration (bit 1)',
    ]);
    seen('1 to 255; 0 is unspecified');
  });

  row('E7', 'decodes every value of the error counters, only with their class', async (seen) => {
    for (const value of BYTES) writer.writeError(CNT, [0, 0, 0, 0, 0, 0, value, 255 - value]);
    writer.writeError(BUSOFF, [0, 0, 0, 0, 0, 0, 1, 2]);
    await listener.until(257);
    const frames = listener.errorFrames;
    expect(frames.map(({ txErrors }) => txErrors)).to.deep.equal([...BYTES, undefined]);
    const received = frames.map(({ rxErrors }) => rxErrors);
    expect(received).to.deep.equal([...BYTES.toReversed(), undefined]);
    expect(String(frames[128])).to.equal('error: counters (tx 128, rx 127)');
    seen('tx from data[6], rx from data[7]; undefined without the class');
  });

  row('E8', 'decodes all classes with details, and no details without their class', async (seen) => {
    writer.writeError(0x3ff, [31, 0x3f, 0x81, 0x19, 0x45, 0xff, 96, 97]);
    writer.writeError(BUSOFF, [31, 0x3f, 0x81, 0x19, 0x45, 0xff, 96, 97]);
    writer.writeError(0x10000400, []);
    await listener.until(3);
    const states = CONTROLLER.slice(0, 6).map(([, , name]) => name);
    expect(listener.texts).to.deep.equal([
      `error: tx-timeout, lost-arbitration (bit 31), controller (${states.join(', ')}), ` +
        'protocol (bit, tx, at ack), transceiver (canh-short-to-battery,canl-no-wire), no-ack, ' +
        'bus-off, bus-error, restarted, counters (tx 96, rx 97)',
      'error: bus-off',
      'error: unknown-0x10000400',
    ]);
    seen('one line each; no detail without its class, no class lost');
  });

  row('E9', 'reads zeros beyond the length of error frames of 0 to 8 bytes', async (seen) => {
    for (let length = 0; length <= 8; length++) {
      const bytes = Buffer.from(frameBytes(0x20000000 + CNT + CRTL, length)).fill(0x55, 8);
      expect(writer.write(bytes)).to.equal(16);
    }
    await listener.until(9);
    for (const [length, { raw }] of listener.errorFrames.entries()) {
      expect([...raw.data]).to.deep.equal([...Buffer.alloc(8).fill(0x55, 0, length)]);
    }
    seen('what is beyond the length is read as zeros');
  });

  row('E10', 'applies a new error mask to the frames that follow', async (seen) => {
    const witness = new ListeningSocket(NAME, { errorMask: 0x1fffffff });
    for (const [index, mask] of [['controller', 'bus-off'] as const, 0x40, 0, []].entries()) {
      listener.socket.setErrorMask(mask);
      for (const classes of [CRTL, BUSOFF, PROT]) writer.writeError(classes, []);
      // The kernel may deliver after the sender's call, and looks at the mask when it delivers.
      await witness.until(3 * (index + 1));
    }
    await witness.close();
    writer.writeFrame(0x7ff, 0);
    const taken = await listener.takeBefore(FENCE);
    expect(taken).to.deep.equal(['error: controller', 'error: bus-off', 'error: bus-off']);
    seen('each mask from its own moment on');
  });

  row('E11', 'delivers an error frame that a CANSocket sends', async (seen) => {
    const sender = new ListeningSocket(NAME);
    const passive = new ErrorFrame(CRTL, Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0));
    await sender.socket.send(passive, LONG_TIMEOUT);
    await listener.until(1);
    expect(listener.texts).to.deep.equal(['error: controller (tx-passive)']);
    seen('reaches those who asked for its class');
    await sender.close();
  });

  row('E12', 'reports every class and controller bit to the error handler of a media', async (seen) => {
    const media = new SocketCANMedia(NAME, 64);
    const log: string[] = [];
    media.start(
      (frames) => log.push(...frames.map(({ frame }) => String(frame))),
      false,
      (_, error) => log.push(error),
    );
    for (const [, value] of CLASSES) writer.writeError(value, []);
    for (const [, value] of CONTROLLER) writer.writeError(CRTL, only(1, value));
    writer.writeError(0x3ff, only(1, 0x3f));
    writer.writeFrame(0x7ff, 0);
    await until(() => log.at(-1) === FENCE, 'the last frame');
    const { TxTimeout, BusOff, ...states } = MediaError;
    const single = [TxTimeout, BusOff, ...Object.values(states)];
    expect(log).to.deep.equal([...single, ...single, FENCE]);
    // A controller frame without details, and one that says "active again".
    expect(media.statistics).to.include({ received: 1, unsupported: 2 });
    seen('the eight media errors; of other classes the kernel hands it none');
    await media.close();
  });
});
