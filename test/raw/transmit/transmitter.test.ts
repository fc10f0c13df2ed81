import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import {
  CANSocket,
  DataFrame,
  ErrorFrame,
  FrameFormat,
  parseFrame,
  RemoteFrame,
  VirtualBus,
  type CANSocketOptions,
  type Frame,
} from '../../../src';
import { connect, type RawConnection } from '../../../src/raw/connection';
import { Echoes } from '../../../src/raw/receive/echoes';
import { AcceptanceFilters } from '../../../src/raw/filters/acceptance';
import { checkOptions } from '../../../src/raw/options';
import { newCounters } from '../../../src/raw/statistics';
import { checkSend, type SendOptions } from '../../../src/raw/transmit/send-options';
import type { SendResult } from '../../../src/send-result';
import { Transmitter } from '../../../src/raw/transmit/transmitter';
import { TurnBudget } from '../../../src/channel/transmit/turn-budget';
import { FakeClock, MS } from '../../support/fakes/clock';
import { rejection, wrong } from '../../support/asserts/thrown';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';

const NONE = { expired: 0, refused: 0, purged: 0, confirmed: 0 };
const frame = parseFrame('123#11');
const fdFrame = new DataFrame(FrameFormat.Base, 1, new Uint8Array(12), { fd: true });

/** A transmitter on a virtual bus of its own, on a clock that the test advances. */
class Bench {
  readonly bus: VirtualBus;
  readonly clock = new FakeClock();
  readonly counters = newCounters();
  readonly transmitter: Transmitter;
  readonly #connection: RawConnection;

  constructor(name: string, given: CANSocketOptions = {}) {
    const options = checkOptions(given);
    const filters = new AcceptanceFilters();
    this.bus = VirtualBus.get(name).reset();
    const { errorMask, receiveOwn } = options;
    const state = { errorMask, receiveOwn };
    this.#connection = connect(this.bus.interfaceName, options, state, filters, {
      onRecords: () => false,
      onChange: (change) => {
        if (change === 'up') this.transmitter.wake();
      },
      onError: () => undefined,
      onFailure: () => undefined,
    });
    this.transmitter = new Transmitter(
      this.#connection,
      state,
      filters,
      new Echoes(),
      options,
      this.counters,
      new TurnBudget(this.clock),
    );
    this.bus.startRecording();
  }

  get texts(): string[] {
    return this.bus.recorded.map((each) => String(each.frame));
  }

  /** Sends a single frame in the short way only; undefined: it was not sent. */
  now(what: unknown, options: SendOptions = {}): unknown {
    return this.transmitter.sendNow(what, options);
  }

  /** Sends frames in the way of the queue. */
  queue(frames: Frame | Frame[], options: SendOptions = {}): Promise<SendResult> {
    return this.transmitter.send(checkSend(frames, options, this.clock));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.transmitter.close(() => new Error('closed'));
    await this.#connection.close();
    this.bus.reset();
  }
}

describe('Transmitter.sendNow', () => {
  it('sends a single frame at once, and counts it', async () => {
    await using bench = new Bench('now');
    expect(bench.now(frame)).to.deep.equal({ sent: 1, ...NONE });
    expect(bench.texts).to.deep.equal(['123#11']);
    expect(bench.counters).to.deep.equal({ ...newCounters(), sent: 1 });
  });

  it('sends only a data frame: no list, no other frame, no other value', async () => {
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

  it('sends nothing when an option asks for something or is invalid', async () => {
    await using bench = new Bench('now');
    const { signal } = new AbortController();
    for (const options of [
      { deadlineNs: bench.clock.now() + 10n ** 9n },
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

  it('sends nothing when the socket receives echoes, since the frame would have one', async () => {
    await using bench = new Bench('now', { receiveOwn: true });
    expect(bench.now(frame)).to.equal(undefined);
    await using other = new Bench('now-2');
    await other.queue(frame, { echo: true });
    expect(other.now(frame)).to.equal(undefined);
  });

  it('sends no CAN FD frame for a socket without CAN FD', async () => {
    await using bench = new Bench('now', { fd: false });
    expect(bench.now(fdFrame)).to.equal(undefined);
    expect(bench.now(frame)).to.deep.equal({ sent: 1, ...NONE });
    expect(bench.texts).to.deep.equal(['123#11']);
  });

  it('sends nothing while a call waits', async () => {
    await using bench = new Bench('now');
    bench.bus.down();
    const waiting = bench.queue([frame], { timeoutMs: 10_000 });
    expect(bench.now(parseFrame('124#')), 'the link is down').to.equal(undefined);
    bench.bus.up();
    expect(bench.now(parseFrame('125#')), 'the link is up, and a call waits').to.equal(undefined);
    expect(await bench.clock.run(waiting)).to.deep.equal({ sent: 1, ...NONE });
    expect(bench.texts).to.deep.equal(['123#11']);
    expect(bench.now(parseFrame('126#'))).to.deep.equal({ sent: 1, ...NONE });
  });

  it('sends nothing while a call waits that is purged, and again afterwards', async () => {
    await using bench = new Bench('now');
    bench.bus.down();
    const waiting = bench.queue(frame);
    bench.bus.up();
    expect(bench.now(parseFrame('124#'))).to.equal(undefined);
    expect(bench.transmitter.purge()).to.equal(1);
    expect(await waiting).to.deep.equal({ ...NONE, sent: 0, purged: 1 });
    expect(bench.now(parseFrame('126#'))).to.deep.equal({ sent: 1, ...NONE });
  });

  it('counts nothing when the kernel refuses the frame', async () => {
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

  it('sends until the queue of the interface is full (ENOBUFS)', async () => {
    await using bench = new Bench('now');
    bench.bus.configure({ bitrate: 100, txQueueLength: 3, virtualTime: true });
    const results = Array.from({ length: 5 }, () => bench.now(frame) !== undefined);
    expect(results).to.deep.equal([true, true, true, false, false]);
    expect(bench.counters.sent).to.equal(3);
    bench.bus.advance(1000n * MS);
    expect(bench.now(frame), 'a second later').to.not.equal(undefined);
  });

  it('sends for 1 ms in a turn of the event loop, and again in the next', async () => {
    await using bench = new Bench('now');
    expect(bench.now(frame)).to.not.equal(undefined);
    bench.clock.spend(MS);
    expect(bench.now(frame), 'after 1 ms').to.not.equal(undefined);
    bench.clock.spend(1n);
    expect(bench.now(frame), 'after 1 ms and 1 ns').to.equal(undefined);
    await bench.clock.turn();
    expect(bench.now(frame), 'in the next turn').to.not.equal(undefined);
  });

  it('keeps the order among calls of all kinds, through a full queue and a link that was down', async () => {
    await using bench = new Bench('now');
    const { bus } = bench;
    bus.configure({ bitrate: 1_000_000, txQueueLength: 4, virtualTime: true });
    bus.startRecording();
    const calls: Promise<SendResult>[] = [];
    const expected: string[] = [];
    const next = (): DataFrame => {
      const each = new DataFrame(FrameFormat.Extended, expected.length, new Uint8Array(1));
      expected.push(String(each));
      return each;
    };
    let short = 0;
    for (let i = 0; i < 120; i++) {
      const length = i % 5;
      const what = length < 3 ? next() : Array.from({ length }, next);
      // The order of CANSocket.send.
      const sent = bench.now(what, i % 3 === 2 ? { timeoutMs: 20_000 } : {});
      if (sent === undefined) calls.push(bench.queue(what, { timeoutMs: 20_000 }));
      else short++;
      if (i === 40) bus.down();
      if (i % 4 === 0) await pass(bench, i > 40 && i < 100 ? 1 : 100);
      if (i === 60) bus.up();
    }
    for (let ms = 0; bench.counters.sent < expected.length; ms++) {
      expect(ms, 'ms until all is sent').to.be.below(20_000);
      await pass(bench, 1);
    }
    await Promise.all(calls);
    await pass(bench, 10);
    // The frames that were on their way when the link went down are lost.
    const passed = bus.stopRecording().map((each) => String(each.frame));
    expect(passed.length).to.be.at.least(expected.length - 5);
    expect(passed).to.deep.equal(expected.filter((text) => passed.includes(text)));
    expect(bench.counters).to.include({ sent: expected.length, expired: 0, refused: 0 });
    expect(short, 'frames sent in the short way').to.be.at.least(5);
  });
});

/** Lets time pass on the bus and on the clock of its transmitter. */
async function pass({ bus, clock }: Bench, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) {
    bus.advance(MS);
    await clock.advance(MS);
  }
}

describe('CANSocket.send of a single frame', () => {
  it('keeps the order among single frames and lists when the link was down', async () => {
    const bus = VirtualBus.get('now-order').reset();
    await using socket = new CANSocket('virtual:now-order');
    bus.startRecording();
    const single = (id: number): DataFrame => new DataFrame(FrameFormat.Extended, id, new Uint8Array(1));
    await turn();
    const calls = [socket.send(single(0)), socket.send([1, 2].map(single), LONG_TIMEOUT)];
    bus.down();
    calls.push(socket.send(single(3), LONG_TIMEOUT), socket.send([4, 5].map(single), LONG_TIMEOUT));
    bus.up();
    calls.push(socket.send(single(6), LONG_TIMEOUT));
    await Promise.all(calls);
    await turn();
    await socket.send(single(7));
    expect(bus.stopRecording().map((each) => String(each.frame))).to.deep.equal(
      Array.from({ length: 8 }, (_, id) => String(single(id))),
    );
    expect(socket.statistics).to.include({ sent: 8, expired: 0, refused: 0 });
    bus.reset();
  });

  it('puts the frame into the queue when the kernel does not take it', async () => {
    const bus = VirtualBus.get('now-refused').reset();
    await using socket = new CANSocket('virtual:now-refused');
    bus.down();
    const waiting = socket.send(frame);
    expect(socket.purge()).to.equal(1);
    expect(await waiting).to.deep.equal({ ...NONE, sent: 0, purged: 1 });
    bus.up();
    bus.configure({ mtu: 16 });
    await turn();
    const error = await rejection(socket.send(fdFrame));
    expect(error).to.have.property('code', 'ERR_SOCKETCAN_CONFIGURATION');
    expect(error['result']).to.deep.equal({ ...NONE, sent: 0, refused: 1 });
    expect(socket.statistics).to.include({ sent: 0, refused: 1, purged: 1 });
    bus.reset();
  });

  it('rejects invalid options', async () => {
    await using socket = new CANSocket('virtual:now-options');
    for (const confirm of ['yes', 1, {}]) {
      const error = await rejection(socket.send(frame, { confirm: wrong(confirm) }));
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
    }
    expect(socket.statistics.sent).to.equal(0);
  });

  it('rejects and sends nothing when the socket is closed', async () => {
    const bus = VirtualBus.get('now-closed').reset();
    const socket = new CANSocket('virtual:now-closed');
    bus.startRecording();
    await socket.close();
    expect(await rejection(socket.send(frame))).to.have.property('code', 'ERR_SOCKETCAN_CLOSED');
    expect(bus.stopRecording()).to.deep.equal([]);
  });
});
