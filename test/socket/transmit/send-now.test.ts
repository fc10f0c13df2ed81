import { expect } from 'chai';
import {
  CANSocket,
  DataFrame,
  ErrorFrame,
  FrameFormat,
  parseFrame,
  RemoteFrame,
  VirtualBus,
  type CANSocketOptions,
} from '../../../src';
import { Connection } from '../../../src/socket/connection';
import { AcceptanceFilters } from '../../../src/socket/filters';
import { checkOptions } from '../../../src/socket/options';
import { newCounters } from '../../../src/socket/statistics';
import { checkSend, type SendOptions } from '../../../src/socket/transmit/options';
import { Transmitter } from '../../../src/socket/transmit/transmitter';
import { rejection, wrong } from '../../support/asserts/thrown';

const NONE = { expired: 0, refused: 0, purged: 0, confirmed: 0 };
const frame = parseFrame('123#11');
const fdFrame = new DataFrame(FrameFormat.Base, 1, new Uint8Array(12), { fd: true });

/** A transmitter on a virtual bus of its own. */
class Bench {
  readonly bus: VirtualBus;
  readonly counters = newCounters();
  readonly transmitter: Transmitter;
  readonly #connection: Connection;

  constructor(name: string, given: CANSocketOptions = {}) {
    const options = checkOptions(given);
    const filters = new AcceptanceFilters();
    this.bus = VirtualBus.get(name).reset();
    this.#connection = new Connection(
      this.bus.interfaceName,
      () => ({ ...options, filters: filters.bytes }),
      options,
      {
        onRecords: () => false,
        onChange: (change) => {
          if (change === 'up') this.transmitter.wake();
        },
        onError: () => undefined,
        onFailure: () => undefined,
      },
    );
    this.transmitter = new Transmitter(this.#connection, filters, options, this.counters);
    this.bus.startRecording();
  }

  get texts(): string[] {
    return this.bus.recorded.map((each) => String(each.frame));
  }

  now(what: unknown, options: SendOptions = {}): unknown {
    return this.transmitter.sendNow(what, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.transmitter.close(() => new Error('closed'));
    await this.#connection.close();
    this.bus.reset();
  }
}

/** The next turn of the event loop: there is time to send in it. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the short way of a single frame', () => {
  beforeEach(turn);

  it('hands it over at once, and counts it', async () => {
    await using bench = new Bench('now');
    expect(bench.now(frame)).to.deep.equal({ sent: 1, ...NONE });
    expect(bench.texts).to.deep.equal(['123#11']);
    expect(bench.counters).to.deep.equal({ ...newCounters(), sent: 1 });
  });

  it('is that of a data frame only, and of no list', async () => {
    await using bench = new Bench('now');
    for (const other of [
      [frame],
      new Set([frame]),
      new RemoteFrame(FrameFormat.Base, 1),
      new ErrorFrame(4, new Uint8Array(8)),
      undefined,
      null,
      'frame',
      {},
    ]) {
      expect(bench.now(other)).to.equal(undefined);
    }
    expect(bench.texts).to.deep.equal([]);
  });

  it('is not that of a call with options that ask for something, or are wrong', async () => {
    await using bench = new Bench('now');
    const { signal } = new AbortController();
    for (const options of [
      { deadlineNs: process.hrtime.bigint() + 10n ** 9n },
      { timeoutMs: 1000 },
      { echo: true },
      { echo: [true] },
      { echo: [false] },
      { confirm: true },
      { signal },
      { confirm: wrong('yes') },
      { confirm: wrong(1) },
      { echo: wrong(0) },
      { signal: wrong(null) },
    ]) {
      expect(bench.now(frame, options), JSON.stringify(Object.keys(options))).to.equal(undefined);
    }
    expect(bench.texts).to.deep.equal([]);
    const nothing = { echo: false, confirm: false };
    expect(bench.now(frame, nothing)).to.deep.equal({ sent: 1, ...NONE });
  });

  it('is not that of a socket that has echoes, for this would have one', async () => {
    await using bench = new Bench('now', { receiveOwn: true });
    expect(bench.now(frame)).to.equal(undefined);
    await using other = new Bench('now-2');
    await other.transmitter.send(checkSend(frame, { echo: true }));
    expect(other.now(frame)).to.equal(undefined);
  });

  it('is not that of a CAN FD frame of a classic socket', async () => {
    await using bench = new Bench('now', { fd: false });
    expect(bench.now(fdFrame)).to.equal(undefined);
    expect(bench.now(frame)).to.deep.equal({ sent: 1, ...NONE });
    expect(bench.texts).to.deep.equal(['123#11']);
  });

  it('is not taken before calls that wait', async () => {
    await using bench = new Bench('now');
    bench.bus.down();
    const waiting = bench.transmitter.send(checkSend([frame], { timeoutMs: 10_000 }));
    expect(bench.now(parseFrame('124#')), 'the link is down').to.equal(undefined);
    bench.bus.up();
    expect(bench.now(parseFrame('125#')), 'the link is up, and a call waits').to.equal(undefined);
    expect(await waiting).to.deep.equal({ sent: 1, ...NONE });
    expect(bench.texts).to.deep.equal(['123#11']);
    bench.transmitter.purge();
    await turn();
    expect(bench.now(parseFrame('126#'))).to.deep.equal({ sent: 1, ...NONE });
  });

  it('is refused where the kernel refuses, without being counted', async () => {
    const cases: readonly (readonly [string, unknown, (bus: VirtualBus) => void])[] = [
      [
        'ENETDOWN',
        frame,
        (bus) => {
          bus.down();
        },
      ],
      [
        'ENXIO',
        frame,
        (bus) => {
          bus.remove();
        },
      ],
      ['EINVAL', fdFrame, (bus) => bus.configure({ mtu: 16 })],
    ];
    for (const [what, sent, happens] of cases) {
      await using bench = new Bench('now');
      happens(bench.bus);
      expect(bench.now(sent), what).to.equal(undefined);
      expect(bench.counters, what).to.deep.equal(newCounters());
    }
  });

  it('ends where the queue is full (ENOBUFS)', async () => {
    await using bench = new Bench('now');
    bench.bus.configure({ bitrate: 100, txQueueLength: 3 });
    const results: boolean[] = [];
    for (let i = 0; i < 5; i++) {
      await turn();
      results.push(bench.now(frame) !== undefined);
    }
    expect(results).to.deep.equal([true, true, true, false, false]);
    expect(bench.counters.sent).to.equal(3);
  });

  it('is not taken when the time of this turn is used up, and again in the next', async () => {
    await using bench = new Bench('now');
    expect(bench.now(frame)).to.not.equal(undefined);
    for (const start = Date.now(); Date.now() - start < 5;);
    expect(bench.now(frame)).to.equal(undefined);
    await turn();
    expect(bench.now(frame)).to.not.equal(undefined);
  });
});

describe('CANSocket.send of single frames and lists in any order', () => {
  it('keeps the order of the calls, through a full queue and a link that was down', async function () {
    this.timeout(30_000);
    const bus = VirtualBus.get('now-order').reset();
    await using socket = new CANSocket('virtual:now-order');
    bus.configure({ bitrate: 1_000_000, txQueueLength: 4 });
    bus.startRecording();
    const calls: Promise<unknown>[] = [];
    const expected: string[] = [];
    const next = (): DataFrame => {
      const each = new DataFrame(FrameFormat.Extended, expected.length, new Uint8Array(1));
      expected.push(String(each));
      return each;
    };
    const options = [undefined, undefined, { timeoutMs: 20_000 }];
    for (let i = 0; i < 120; i++) {
      const length = i % 5;
      const what = length < 3 ? next() : Array.from({ length }, next);
      calls.push(socket.send(what, options[i % 3]));
      if (i === 40) bus.down();
      if (i % 11 === 0) await turn();
      if (i === 60) bus.up();
    }
    await Promise.all(calls);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Going down, the bus has lost what was on its way.
    const passed = bus.stopRecording().map((each) => String(each.frame));
    expect(passed.length).to.be.at.least(expected.length - 5);
    expect(passed).to.deep.equal(expected.filter((text) => passed.includes(text)));
    expect(socket.statistics).to.include({ sent: expected.length, expired: 0, refused: 0 });
    bus.reset();
  });

  it('waits where the frame is not taken, and ends as any other call', async () => {
    const bus = VirtualBus.get('now-refused').reset();
    await using socket = new CANSocket('virtual:now-refused');
    bus.down();
    const waiting = socket.send(frame);
    await turn();
    bus.up();
    expect(await waiting).to.deep.equal({ sent: 1, ...NONE });
    bus.configure({ mtu: 16 });
    const error = await rejection(socket.send(fdFrame));
    expect(error).to.have.property('code', 'ERR_SOCKETCAN_CONFIGURATION');
    expect(error['result']).to.deep.equal({ ...NONE, sent: 0, refused: 1 });
    expect(socket.statistics).to.include({ sent: 1, refused: 1 });
    bus.reset();
  });

  it('refuses what is no option, also of a single frame', async () => {
    await using socket = new CANSocket('virtual:now-options');
    for (const confirm of ['yes', 1, {}]) {
      const error = await rejection(socket.send(frame, { confirm: wrong(confirm) }));
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
    }
    expect(socket.statistics.sent).to.equal(0);
  });

  it('does nothing on a socket that is closed', async () => {
    const bus = VirtualBus.get('now-closed').reset();
    const socket = new CANSocket('virtual:now-closed');
    bus.startRecording();
    await socket.close();
    expect(await rejection(socket.send(frame))).to.have.property('code', 'ERR_SOCKETCAN_CLOSED');
    expect(bus.stopRecording()).to.deep.equal([]);
  });
});
