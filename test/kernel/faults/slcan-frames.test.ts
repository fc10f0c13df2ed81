import { expect } from 'chai';
import { DataFrame, FrameFormat, RemoteFrame, SocketCANMedia, type Frame } from '../../../src';
import { until } from '../../support/waiting/until';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { keepThread } from '../../support/processes/keep-thread';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { row } from '../../support/rows/row';
import { SlcanAdapter } from '../../support/kernel/slcan';

const { Base, Extended } = FrameFormat;
const FENCE = '7FF#';

/** Data of so many bytes: 01 02 03 ... */
function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index + 1);
}

describe('Frames and error frames over slcan', () => {
  keepThread();
  let adapter: SlcanAdapter;
  let listener: ListeningSocket;
  beforeEach(() => {
    adapter = new SlcanAdapter();
    listener = new ListeningSocket(adapter.interfaceName, { errorMask: 0x1fffffff });
  });
  afterEach(async () => {
    await listener.close();
    adapter.close();
  });

  /** What these lines of the adapter become, each of one frame, or of none where the text is ''. */
  async function expectReceived(table: readonly (readonly [line: string, text: string])[]): Promise<void> {
    for (const [line] of table) await adapter.say(line);
    await adapter.say('t7FF0');
    const expected = table.map(([, text]) => text).filter((text) => text !== '');
    expect(await listener.takeBefore(FENCE)).to.deep.equal(expected);
  }

  row('N1', 'receives the lines t, T, r and R of the adapter, in upper and lower case', async (seen) => {
    const frames: (readonly [string, string])[] = [
      ['t0000', '000#'],
      ['t1232AaBb', '123#AABB'],
      ['t7fe80102030405060708', '7FE#0102030405060708'],
      ['T1badc0fe3010203', '1BADC0FE#010203'],
      ['T000000001FF', '00000000#FF'],
      ['T1FFFFFFF8FFFFFFFFFFFFFFFF', '1FFFFFFF#FFFFFFFFFFFFFFFF'],
      ['r1230', '123#R'],
      ['r7FE8', '7FE#R8'],
      ['R1BADC0FE4', '1BADC0FE#R4'],
    ];
    await expectReceived(frames);
    expect(listener.statistics).to.include({ received: 10, unsupported: 0, dropped: 0 });
    seen(`${frames.length} of ${frames.length}: data and remote, base and extended`);
  });

  row('N2', 'sends all kinds of classic frames to the adapter', async (seen) => {
    const frames: Frame[] = [];
    const lines: string[] = [];
    for (let length = 0; length <= 8; length++) {
      const hex = Buffer.from(counting(length)).toString('hex');
      frames.push(
        new DataFrame(Base, 0x123, counting(length)),
        new DataFrame(Extended, 0x1badc0fe, counting(length)),
        new RemoteFrame(Base, 0x7ff, length),
        new RemoteFrame(Extended, 0x1, length),
      );
      lines.push(`t123${length}${hex}`, `T1BADC0FE${length}${hex}`);
      lines.push(`r7FF${length}`, `R00000001${length}`);
    }
    // The driver hands over the next frame when the adapter has read the last.
    const [result, written] = await Promise.all([
      listener.socket.send(frames, LONG_TIMEOUT),
      adapter.lines(lines.length),
    ]);
    expect(result).to.include({ sent: frames.length, expired: 0 });
    expect(written).to.deep.equal(lines);
    const { retries } = listener.statistics;
    seen(`${lines.length} lines, in order, without a gap; ${retries} waits for room`);
  });

  row('N3', 'rejects a CAN FD frame to the adapter', async (seen) => {
    const sending = listener.socket.send(new DataFrame(Base, 0x123, counting(1), { fd: true }), LONG_TIMEOUT);
    const error = await sending.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('code', 'ERR_SOCKETCAN_CONFIGURATION');
    await listener.socket.send(new DataFrame(Base, 0x124, counting(1)), LONG_TIMEOUT);
    expect(await adapter.lines(1)).to.deep.equal(['t124101']);
    seen('ERR_SOCKETCAN_CONFIGURATION; nothing on the line, the next classic frame is');
  });

  row('B12', 'decodes the state lines of the adapter, with counters', async (seen) => {
    // After the letter the receive and the transmit counter. The driver reports changes of state
    // only, and puts the state to the side whose counter is the higher.
    await expectReceived([
      ['sw096010', 'error: controller (rx-warning), counters (tx 10, rx 96)'],
      ['sw100010', ''],
      ['sa090010', 'error: controller (active), counters (tx 10, rx 90)'],
      ['sw010096', 'error: controller (tx-warning), counters (tx 96, rx 10)'],
      ['sp010128', 'error: controller (tx-passive), counters (tx 128, rx 10)'],
      ['sw100100', 'error: controller (rx-warning, tx-warning), counters (tx 100, rx 100)'],
      ['sp128128', 'error: controller (rx-passive, tx-passive), counters (tx 128, rx 128)'],
      ['sa000000', 'error: controller (active), counters (tx 0, rx 0)'],
      ['sp255127', 'error: controller (rx-passive), counters (tx 127, rx 255)'],
      ['sb256000', 'error: bus-off'],
      ['sb000256', ''],
      ['sa001002', 'error: controller (active), counters (tx 2, rx 1)'],
    ]);
    seen('each change of state decoded, both counters on their own side');
  });

  row('B12e', 'decodes the error lines of the adapter', async (seen) => {
    // Blanks after the codes, for older drivers ignore lines of less than five characters.
    await expectReceived([
      ['e1a  ', 'error: protocol (at ack), no-ack, bus-error'],
      ['e1b  ', 'error: protocol (bit-0), bus-error'],
      ['e1B  ', 'error: protocol (bit-1), bus-error'],
      ['e1c  ', 'error: protocol (bit, at crc-sequence), bus-error'],
      ['e1f  ', 'error: protocol (form), bus-error'],
      ['e1o  ', 'error: controller (rx-overflow), protocol, bus-error'],
      ['e1O  ', 'error: controller (tx-overflow), protocol, bus-error'],
      ['e1s  ', 'error: protocol (stuff), bus-error'],
      ['e2Oc ', 'error: controller (tx-overflow), protocol (bit, at crc-sequence), bus-error'],
      [
        'e8abBcfoOs',
        'error: controller (tx-overflow), ' +
          'protocol (bit, form, stuff, bit-0, bit-1, at crc-sequence), no-ack, bus-error',
      ],
      ['e1x  ', ''],
      ['e9aaaaaaaaa', ''],
    ]);
    seen('all eight codes decoded, alone and together; unknown codes are dropped by the driver');
  });

  row('B12n', 'delivers state and error lines of the requested classes', async (seen) => {
    const named = new ListeningSocket(adapter.interfaceName, { errorMask: ['bus-off', 'no-ack'] });
    const numbered = new ListeningSocket(adapter.interfaceName, { errorMask: 0x04 });
    const none = new ListeningSocket(adapter.interfaceName);
    await adapter.say('sw096010', 'e1a  ', 'e1o  ', 'e1f  ', 'sb256000', 'sa000000', 't7FF0');
    expect((await listener.takeBefore(FENCE)).length).to.equal(6);
    const classes = async (each: ListeningSocket): Promise<number[]> => {
      await until(() => each.texts.at(-1) === FENCE, 'the last frame');
      return each.errorFrames.map(({ raw }) => raw.classMask);
    };
    expect(await classes(named)).to.deep.equal([0xa8, 0x40]);
    expect(await classes(numbered)).to.deep.equal([0x204, 0x8c, 0x204]);
    expect(await classes(none)).to.deep.equal([]);
    seen('a frame comes if any of its classes was asked for: 2, 3 and 0 of 6');
    await Promise.all([named.close(), numbered.close(), none.close()]);
  });

  row('B12m', 'reports state and error lines to the error handler of a media', async (seen) => {
    const media = new SocketCANMedia(adapter.interfaceName, 8);
    const log: string[] = [];
    media.start(
      (frames) => log.push(...frames.map(({ frame }) => String(frame))),
      false,
      ({ systemNs, monotonicNs }, error) => {
        expect(systemNs > 0n && monotonicNs <= process.hrtime.bigint()).to.equal(true);
        log.push(error);
      },
    );
    await adapter.say('t1000', 'sw096010', 'sp128128', 't1010', 'e2Oc ', 'e1a  ', 'e1o  ');
    await adapter.say('sb256000', 'sa000000', 't7FF0');
    await until(() => log.at(-1) === FENCE, 'the last frame');
    expect(log).to.deep.equal([
      ...['100#', 'rx-warning', 'rx-passive', 'tx-passive', '101#', 'tx-overflow'],
      ...['rx-overflow', 'bus-off', FENCE],
    ]);
    // "Active again" is not one of the eight errors.
    expect(media.statistics).to.include({ received: 3, unsupported: 1 });
    seen('reported in order with the frames');
    await media.close();
  });

  row('B11c', "reports 'gone' when the adapter is pulled, and closes with reopen: false", async (seen) => {
    const once = new ListeningSocket(adapter.interfaceName, { reopen: false });
    const log: string[] = [];
    once.socket.on('gone', () => log.push('gone'));
    once.socket.on('close', () => log.push('close'));
    await adapter.say('t1230');
    await listener.until(1);
    await once.until(1);
    adapter.close();
    await until(() => log.includes('close'), 'the socket is closed');
    expect(log).to.deep.equal(['gone', 'close']);
    expect(once.errors.at(-1)).to.have.property('code', 'ENODEV');
    expect(once.socket.state).to.equal('closed');
    await until(() => listener.socket.state === 'gone', 'the other waits for it');
    expect(listener.errors).to.deep.equal([]);
    seen("one waits, 'gone'; with reopen: false 'gone', an error ENODEV, 'close'");
  });
});
