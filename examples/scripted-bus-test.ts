import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANSocket, DataFrame, FrameFormat, VirtualBus, type ReceivedFrame } from '../src'; // Yours: 'socketcan-ffi'

/*
 * How to test what speaks CAN, without CAN: an ECU simulation, and its tests with mocha on the built-in
 * bus. Run it by `npm run example`.
 */

// In this repository only, where the receiving thread is TypeScript, too: let it find ts-node.
process.execArgv.push('--require', 'ts-node/register');

/** The code under test. It does not know what kind of interface it is on: 'can0' is as good. */
class Ecu implements AsyncDisposable {
  readonly #socket: CANSocket;
  readonly #cycle: NodeJS.Timeout;
  #requests = 0;
  #alive = 0;

  constructor(interfaceName: string) {
    this.#socket = new CANSocket(interfaceName);
    this.#socket.on('frames', (frames) => {
      for (const { frame } of frames) if (frame instanceof DataFrame) this.#answer(frame);
    });
    this.#cycle = setInterval(() => {
      this.#send(0x100, Uint8Array.of(this.#alive++ & 0xff));
    }, 20);
  }

  /** 0x7DF is for every ECU, 0x7E0 for this one; it answers by 0x7E8 with the number of requests so far. */
  #answer({ format, identifier, data }: DataFrame): void {
    if (format !== FrameFormat.Base || (identifier !== 0x7df && identifier !== 0x7e0)) return;
    this.#send(0x7e8, Uint8Array.of((data[0] ?? 0) + 0x40, ++this.#requests));
  }

  #send(identifier: number, data: Uint8Array): void {
    // What is not sent within 100 ms, because the link is down, is of no use any more.
    const frame = new DataFrame(FrameFormat.Base, identifier, data);
    this.#socket.send(frame, { timeoutMs: 100 }).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#cycle);
    await this.#socket.close();
  }
}

/** The other side: sends requests, and keeps what it receives. */
class Tester extends CANSocket {
  readonly received: ReceivedFrame[] = [];

  constructor(interfaceName: string) {
    super(interfaceName);
    this.on('frames', (frames) => this.received.push(...frames));
  }

  request(identifier: number, service: number): Promise<unknown> {
    return this.send(new DataFrame(FrameFormat.Base, identifier, Uint8Array.of(service)));
  }

  /** What has come from this identifier, as text: `7E8#4101`. */
  texts(identifier: number): string[] {
    return this.received
      .map(({ frame }) => frame)
      .filter((frame) => frame instanceof DataFrame && frame.identifier === identifier)
      .map(String);
  }

  /** Resolves when so many frames have come from this identifier; fails when they have not within 5 s. */
  async frames(identifier: number, count: number): Promise<string[]> {
    const end = Date.now() + 5000;
    while (this.texts(identifier).length < count) {
      assert.ok(Date.now() < end, `${count} frames of ${identifier.toString(16)} within 5 s`);
      await sleep(5);
    }
    return this.texts(identifier);
  }
}

describe('The ECU', function () {
  this.timeout(10_000);
  const bus = VirtualBus.get('ecu test');
  let ecu: Ecu;
  let tester: Tester;

  beforeEach(async () => {
    bus.reset();
    ecu = new Ecu(bus.interfaceName);
    tester = new Tester(bus.interfaceName);
    await tester.frames(0x100, 1);
  });

  afterEach(async () => {
    await ecu[Symbol.asyncDispose]();
    await tester.close();
  });

  it('answers requests to it and to everybody, and counts them', async () => {
    await tester.request(0x7e0, 1);
    await tester.request(0x7df, 9);
    assert.deepEqual(await tester.frames(0x7e8, 2), ['7E8#4101', '7E8#4902']);
  });

  it('answers within 500 ms', async () => {
    const asked = process.hrtime.bigint();
    await tester.request(0x7e0, 1);
    await tester.frames(0x7e8, 1);
    const answer = tester.received.find(({ frame }) => String(frame).startsWith('7E8'));
    assert.ok(answer !== undefined && answer.timestamp.monotonicNs - asked < 500_000_000n);
  });

  it('ignores what is not for it', async () => {
    for (const identifier of [0x7e1, 0x7e8, 0x100, 0]) await tester.request(identifier, 1);
    bus.inject(new DataFrame(FrameFormat.Extended, 0x7e0, Uint8Array.of(1)));
    await tester.request(0x7e0, 2);
    assert.deepEqual(await tester.frames(0x7e8, 1), ['7E8#4201']);
  });

  it('sends a sign of life every 20 ms, none missing', async () => {
    const signs = await tester.frames(0x100, 5);
    const first = Number.parseInt(signs[0]?.slice(4) ?? '', 16);
    const expected = signs.map((_, i) => (first + i).toString(16).padStart(2, '0').toUpperCase());
    assert.deepEqual(
      signs,
      expected.map((data) => `100#${data}`),
    );
  });

  it('goes on when the link was down', async () => {
    bus.down();
    await sleep(150);
    bus.up();
    const before = tester.texts(0x100).length;
    await tester.request(0x7e0, 1);
    assert.deepEqual(await tester.frames(0x7e8, 1), ['7E8#4101']);
    await tester.frames(0x100, before + 2);
  });

  it('counts no request that was lost on the way', async () => {
    bus.configure({ faults: { drop: 1 } });
    await tester.request(0x7e0, 1);
    bus.configure({ faults: {} });
    await tester.request(0x7e0, 1);
    assert.deepEqual(await tester.frames(0x7e8, 1), ['7E8#4101']);
  });
});
